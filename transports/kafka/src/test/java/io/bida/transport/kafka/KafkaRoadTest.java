package io.bida.transport.kafka;

import io.bida.transport.contract.RoadContract;

class KafkaRoadTest extends RoadContract {

    KafkaRoadTest() {
        super(new KafkaCarrier());
    }
}
