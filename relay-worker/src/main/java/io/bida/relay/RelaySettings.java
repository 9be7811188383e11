package io.bida.relay;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.outbox.DurableQueue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What one relay was built with; {@link Relay.Builder} explains each. */
record RelaySettings(
        String name,
        DataSource dataSource,
        DurableQueue queue,
        Map<String, Destination> destinations,
        List<Route> routes,
        RetryPolicy retry,
        int batch,
        Duration lease,
        int inFlight,
        long inFlightSize,
        Duration history,
        Housekeeping housekeeping,
        Duration shutdown,
        List<RelayListener> listeners) {

    RelaySettings {
        destinations = new LinkedHashMap<>(destinations);
        routes = List.copyOf(routes);
        listeners = List.copyOf(listeners);
        require(!name.isBlank(), "relay", "a relay needs a name");
        require(
                name.codePointCount(0, name.length()) <= Message.MAX_SOURCE && name.indexOf('\0') < 0,
                name,
                "the name has more than " + Message.MAX_SOURCE + " characters or a null character");
        require(
                batch >= 1 && batch <= Relay.MAX_BATCH,
                name,
                "batch is " + batch + ": 1 to " + Relay.MAX_BATCH + " are expected");
        require(inFlight >= 1, name, "in-flight is " + inFlight + ": at least 1 is expected");
        require(inFlightSize >= 1, name, "in-flight-size is " + inFlightSize + ": at least 1 byte is expected");
        require(lease.toMillis() >= 1_000, name, "lease is " + lease.toMillis() + "ms: at least 1s is expected");
        for (Route route : routes) {
            require(
                    destinations.containsKey(route.to()),
                    name,
                    "the route for '" + route.pattern() + "' goes to '" + route.to()
                            + "', which is none of the senders " + destinations.keySet());
        }
    }

    private static void require(boolean holds, String name, String sentence) {
        if (!holds) {
            throw new BidaException(name + ": " + sentence + ".");
        }
    }
}
