package io.bida.transport.nats;

import io.bida.transport.contract.RoadContract;

class NatsRoadTest extends RoadContract {

    NatsRoadTest() {
        super(new NatsCarrier());
    }
}
