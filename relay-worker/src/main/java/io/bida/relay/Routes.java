package io.bida.relay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the first route that takes a topic, and remembers the answer. Not thread-safe. */
final class Routes {

    private static final int REMEMBERED = 10_000;

    private final List<Route> routes;

    private final Map<String, Optional<Route>> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<Route>> eldest) {
            return size() > REMEMBERED;
        }
    };

    Routes(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    Optional<Route> of(String topic) {
        return known.computeIfAbsent(
                topic, t -> routes.stream().filter(route -> route.takes(t)).findFirst());
    }

    /** Whether a dead message may be in the way of its key. */
    boolean deadMayHold() {
        return routes.stream().anyMatch(Route::mayHold);
    }
}
