package io.bida.transport.kafka;

import io.bida.message.BidaException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;

/** The properties of a Kafka client: what Bida prefers, over it what the user set, over that what Bida must decide. */
final class ClientProperties {

    private final Map<String, String> given;

    private ClientProperties(Map<String, String> given) {
        this.given = given;
    }

    /** @throws BidaException when a property is one of those that only Bida decides, or the servers are missing */
    static ClientProperties of(Map<String, String> given, Set<String> decided) {
        decided.stream().filter(given::containsKey).findFirst().ifPresent(name -> {
            throw new BidaException("The property " + name + " is Bida's own to decide; take it away.");
        });
        if (!given.containsKey("bootstrap.servers")) {
            throw new BidaException("The property bootstrap.servers is missing: host:port of one or more brokers.");
        }
        return new ClientProperties(new LinkedHashMap<>(given));
    }

    String servers() {
        return String.valueOf(given.get("bootstrap.servers"));
    }

    /** What a producer, a consumer and an admin client take alike. */
    ClientProperties ofNoKind() {
        Map<String, String> some = new LinkedHashMap<>(given);
        some.keySet().removeAll(Set.of("client.id", "interceptor.classes", "request.timeout.ms"));
        return new ClientProperties(some);
    }

    boolean has(String name) {
        return given.containsKey(name);
    }

    Map<String, Object> complete(Map<String, Object> preferred, Map<String, Object> decided) {
        Map<String, Object> all = new HashMap<>(preferred);
        all.putAll(given);
        all.putAll(decided);
        return all;
    }

    /** @throws BidaException when the client does not take the properties */
    static <C> C open(String client, Map<String, Object> properties, Function<Map<String, Object>, C> constructor) {
        try {
            return constructor.apply(properties);
        } catch (KafkaException e) {
            throw new BidaException("The Kafka " + client + " does not take its properties: " + deepest(e), e);
        }
    }

    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
