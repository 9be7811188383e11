package io.bida.transport.rabbitmq;

import io.bida.transport.contract.RoadContract;

class RabbitMqRoadTest extends RoadContract {

    RabbitMqRoadTest() {
        super(new RabbitMqCarrier("classic"));
    }
}
