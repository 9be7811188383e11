package io.bida.transport.rabbitmq;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.RabbitMqServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;

class RabbitMqTlsTest extends TlsContract {

    RabbitMqTlsTest() {
        super(RabbitMqServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return RabbitMqReceiver.from(text(settings, "url"))
                .user(text(settings, "user"))
                .password(text(settings, "password"))
                .properties(properties(settings))
                .queue(text(settings, "queue"))
                .to(intake)
                .open();
    }
}
