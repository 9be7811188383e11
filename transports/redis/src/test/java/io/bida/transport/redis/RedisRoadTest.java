package io.bida.transport.redis;

import io.bida.transport.contract.RoadContract;

class RedisRoadTest extends RoadContract {

    RedisRoadTest() {
        super(new RedisCarrier());
    }
}
