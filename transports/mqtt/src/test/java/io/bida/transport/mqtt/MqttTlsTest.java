package io.bida.transport.mqtt;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.MosquittoServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;

class MqttTlsTest extends TlsContract {

    MqttTlsTest() {
        super(MosquittoServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return MqttReceiver.from(text(settings, "url"))
                .user(text(settings, "user"))
                .password(text(settings, "password"))
                .properties(properties(settings))
                .topic(text(settings, "topic"))
                .group("stock")
                .to(intake)
                .open();
    }
}
