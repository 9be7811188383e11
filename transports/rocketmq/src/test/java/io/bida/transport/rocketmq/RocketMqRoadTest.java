package io.bida.transport.rocketmq;

import io.bida.transport.contract.RoadContract;

class RocketMqRoadTest extends RoadContract {

    RocketMqRoadTest() {
        super(new RocketMqCarrier());
    }
}
