package io.bida.transport.nats;

import io.bida.transport.contract.TransportContract;

class NatsTransportTest extends TransportContract {

    NatsTransportTest() {
        super(new NatsCarrier());
    }
}
