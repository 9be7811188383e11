package io.bida.transport.mqtt;

import io.bida.transport.contract.RoadContract;

class MqttRoadTest extends RoadContract {

    MqttRoadTest() {
        super(new MqttCarrier());
    }
}
