package io.bida.transport.rabbitmq;

import io.bida.transport.contract.TransportContract;

class RabbitMqTransportTest extends TransportContract {

    RabbitMqTransportTest() {
        super(new RabbitMqCarrier("quorum"));
    }
}
