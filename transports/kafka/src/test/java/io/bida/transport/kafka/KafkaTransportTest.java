package io.bida.transport.kafka;

import io.bida.transport.contract.TransportContract;

class KafkaTransportTest extends TransportContract {

    KafkaTransportTest() {
        super(new KafkaCarrier());
    }
}
