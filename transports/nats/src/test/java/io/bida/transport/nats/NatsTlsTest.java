package io.bida.transport.nats;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.NatsServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;

class NatsTlsTest extends TlsContract {

    NatsTlsTest() {
        super(NatsServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return NatsReceiver.from(text(settings, "url"))
                .user(text(settings, "user"))
                .password(text(settings, "password"))
                .properties(properties(settings))
                .subject(text(settings, "subject"))
                .group("stock")
                .create(true)
                .to(intake)
                .open();
    }
}
