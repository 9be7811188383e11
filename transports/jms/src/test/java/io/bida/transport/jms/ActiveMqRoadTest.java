package io.bida.transport.jms;

import io.bida.transport.contract.RoadContract;

class ActiveMqRoadTest extends RoadContract {

    ActiveMqRoadTest() {
        super(new ActiveMqCarrier());
    }
}
