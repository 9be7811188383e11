package io.bida.transport.jms;

import static io.bida.testkit.BrokerServer.text;

import io.bida.testkit.ArtemisServer;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.contract.TlsContract;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

class ArtemisTlsTest extends TlsContract {

    ArtemisTlsTest() {
        super(ArtemisServer.startSecure());
    }

    @Override
    protected Receiver receive(Map<String, Object> settings, Intake intake) {
        return JmsReceiver.from(new ActiveMQConnectionFactory(text(settings, "url")))
                .login(text(settings, "user"), text(settings, "password"))
                .queue(text(settings, "queue"))
                .to(intake)
                .open();
    }

    /** Artemis's client tells more in its own log only. */
    @Override
    protected String distrust() {
        return "Cannot connect to server";
    }
}
