package io.bida.transport.redis;

import io.bida.transport.contract.TransportContract;

class RedisTransportTest extends TransportContract {

    RedisTransportTest() {
        super(new RedisCarrier());
    }
}
