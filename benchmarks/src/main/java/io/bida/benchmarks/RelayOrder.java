package io.bida.benchmarks;

import java.util.Map;

/**
 * What is to be run until it is told to stop: relays with their defaults.
 *
 * @param relays how many share the work
 * @param history whether delivered messages are recorded
 * @param sinks a topic's first segment names the sink that its messages go to
 * @param carrier the settings of a transport, its {@code type} among them, that the messages go on by; empty: they end at
 *     the sinks
 * @param recorded of each sink, how many messages' arrivals are recorded, by their number
 */
record RelayOrder(
        String url,
        String user,
        String password,
        int relays,
        boolean history,
        Map<String, Behaviour> sinks,
        Map<String, Object> carrier,
        int recorded) {

    static RelayOrder of(Database database) {
        return new RelayOrder(
                database.at.url(),
                database.at.user(),
                database.at.password(),
                1,
                false,
                Map.of("orders", Behaviour.AT_ONCE),
                Map.of(),
                0);
    }

    RelayOrder withRelays(int count) {
        return new RelayOrder(url, user, password, count, history, sinks, carrier, recorded);
    }

    RelayOrder withHistory(boolean on) {
        return new RelayOrder(url, user, password, relays, on, sinks, carrier, recorded);
    }

    RelayOrder withSink(Behaviour behaviour) {
        return withSinks(Map.of("orders", behaviour));
    }

    RelayOrder withSinks(Map<String, Behaviour> behaviours) {
        return new RelayOrder(url, user, password, relays, history, behaviours, carrier, recorded);
    }

    RelayOrder recording(int messages) {
        return new RelayOrder(url, user, password, relays, history, sinks, carrier, messages);
    }

    RelayOrder carriedBy(Map<String, Object> settings) {
        return new RelayOrder(url, user, password, relays, history, sinks, settings, recorded);
    }
}
