package io.bida.transport.rocketmq;

import io.bida.transport.contract.TransportContract;

class RocketMqTransportTest extends TransportContract {

    RocketMqTransportTest() {
        super(new RocketMqCarrier());
    }
}
