package io.bida.transport.jms;

import io.bida.transport.contract.RoadContract;

class ArtemisRoadTest extends RoadContract {

    ArtemisRoadTest() {
        super(new ArtemisCarrier());
    }
}
