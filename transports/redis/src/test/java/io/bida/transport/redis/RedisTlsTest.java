package io.bida.transport.redis;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.RedisServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;

class RedisTlsTest extends TlsContract {

    RedisTlsTest() {
        super(RedisServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return RedisReceiver.from(text(settings, "url"))
                .password(text(settings, "password"))
                .properties(properties(settings))
                .stream(text(settings, "stream"))
                .group("stock")
                .create()
                .to(intake)
                .open();
    }
}
