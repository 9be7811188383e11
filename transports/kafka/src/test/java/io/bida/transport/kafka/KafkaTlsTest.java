package io.bida.transport.kafka;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.KafkaServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;

class KafkaTlsTest extends TlsContract {

    KafkaTlsTest() {
        super(KafkaServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return KafkaReceiver.from(properties(settings))
                .topic(text(settings, "topic"))
                .group("stock")
                .create(true)
                .to(intake)
                .open();
    }
}
