package io.bida.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.transport.TransportSettings;
import java.util.HashMap;
import java.util.Map;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;

class JmsSenderFactoryTest {

    private static final Map<String, Object> ACTIVEMQ =
            Map.of("factory", "org.apache.activemq.ActiveMQConnectionFactory", "url", "tcp://127.0.0.1:1");

    @Test
    void whatIsWrongIsNamedByItsPlace() {
        refused(Map.of(), "transports.shop.factory is missing");
        refused(Map.of("factory", "com.example.None"), "transports.shop.factory", "class path");
        refused(Map.of("factory", "java.lang.Object"), "transports.shop.factory", "no jakarta.jms.ConnectionFactory");
        refused(activeMqAnd(Map.of("queue", "a", "topic", "b")), "transports.shop.topic");
        refused(activeMqAnd(Map.of("user", "me")), "transports.shop.password is missing");
        refused(
                activeMqAnd(Map.of("properties", Map.of("sendTimeout", "x"))),
                "transports.shop.properties.sendTimeout");
        refused(activeMqAnd(Map.of("properties", Map.of("speed", "1"))), "transports.shop.properties.speed");
    }

    @Test
    void propertiesAreSetOnTheFactoryAndOnWhatItHas() {
        ProviderFactory provider = ProviderFactory.of("path", String.valueOf(ACTIVEMQ.get("factory")), null);

        provider.set("path", "sendTimeout", "1500");
        provider.set("path", "useAsyncSend", "true");
        provider.set("path", "prefetchPolicy.queuePrefetch", "7");

        ActiveMQConnectionFactory factory = (ActiveMQConnectionFactory) provider.factory();
        assertThat(factory.getSendTimeout()).isEqualTo(1500);
        assertThat(factory.isUseAsyncSend()).isTrue();
        assertThat(factory.getPrefetchPolicy().getQueuePrefetch()).isEqualTo(7);
    }

    @Test
    void secretsInAnAddressAreNotShown() {
        assertThat(Failures.text(new IllegalStateException("tcp://a?trustStorePassword=s3cret&x=1 is down")))
                .isEqualTo("tcp://a?trustStorePassword=***&x=1 is down");
    }

    private static Map<String, Object> activeMqAnd(Map<String, Object> more) {
        Map<String, Object> options = new HashMap<>(ACTIVEMQ);
        options.putAll(more);
        return options;
    }

    private static void refused(Map<String, Object> options, String... told) {
        TransportSettings settings = new TransportSettings("shop", options);
        assertThatThrownBy(() -> new JmsSenderFactory().create(settings))
                .isInstanceOf(BidaException.class)
                .hasMessageContainingAll(told);
    }
}
