package io.bida.transport.mqtt;

import io.bida.transport.contract.TransportContract;

class MqttTransportTest extends TransportContract {

    MqttTransportTest() {
        super(new MqttCarrier());
    }
}
