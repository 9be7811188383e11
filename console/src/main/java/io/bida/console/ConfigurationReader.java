package io.bida.console;

import io.bida.console.RelayConfiguration.Console;
import io.bida.console.RelayConfiguration.Engine;
import io.bida.console.RelayConfiguration.Transport;
import io.bida.relay.Housekeeping;
import io.bida.relay.Limits;
import io.bida.relay.Relay;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.transport.TransportSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From the keys of a file to {@link RelayConfiguration}: which there are, what they default to. Immutable. */
final class ConfigurationReader {

    private static final int MOST = 1_000_000;
    private static final int LONGEST_NAME = 200;
    private static final Set<String> LIMITS =
            new LinkedHashSet<>(List.of("concurrency", "rate", "deadline", "breaker"));
    private static final Map<String, Route.Then> THEN = new LinkedHashMap<>();
    private static final Set<String> ON_DEAD = new LinkedHashSet<>(List.of("skip", "hold"));

    static {
        for (Route.Then then : Route.Then.values()) {
            THEN.put(then.name().toLowerCase(Locale.ROOT), then);
        }
    }

    private final Transports transports;

    ConfigurationReader(Transports transports) {
        this.transports = transports;
    }

    RelayConfiguration read(Section root) {
        String name = name(root);
        DatabaseSettings database = database(root.requiredSection("database"));
        Map<String, Transport> carriers = transports(root.requiredSection("transports"));
        RetryPolicy retry = root.section("retry")
                .map(section -> retry(section, RetryPolicy.DEFAULT))
                .orElse(RetryPolicy.DEFAULT);
        List<Route> routes = routes(root.list("routes"), carriers.keySet(), retry);
        Engine engine = root.section("relay").map(this::engine).orElse(Engine.DEFAULT);
        Housekeeping housekeeping = root.section("housekeeping")
                .map(this::housekeeping)
                .orElse(root.isOff("housekeeping") ? Housekeeping.NONE : Housekeeping.DEFAULT);
        Optional<Console> console = root.section("console").map(this::console);
        root.refuseOthers();
        return new RelayConfiguration(name, database, carriers, routes, retry, engine, housekeeping, console);
    }

    private static String name(Section root) {
        String name = root.required("name");
        if (name.length() > LONGEST_NAME) {
            root.problem("name", "it has " + name.length() + " characters; at most " + LONGEST_NAME + " are stored.");
        }
        return name;
    }

    private static DatabaseSettings database(Section database) {
        DatabaseSettings settings = new DatabaseSettings(
                database.required("url"),
                database.optional("user").orElse(null),
                database.optional("password").orElse(null));
        database.refuseOthers();
        return settings;
    }

    private Map<String, Transport> transports(Section section) {
        Map<String, Transport> carriers = new LinkedHashMap<>();
        section.sections().forEach((name, transport) -> carriers.put(name, transport(name, transport)));
        return carriers;
    }

    private Transport transport(String name, Section section) {
        String type = section.required("type");
        if (!type.isEmpty()) {
            refuseUnknown(section, type, transports.options(type));
        }
        Set<String> ours = new LinkedHashSet<>(LIMITS);
        ours.add("type");
        return new Transport(type, new TransportSettings(name, section.others(ours)), limits(section));
    }

    private static Limits limits(Section transport) {
        Limits usual = Limits.DEFAULT;
        return transport.make(
                usual,
                () -> new Limits(
                        transport.whole("concurrency", usual.concurrency(), 1, MOST),
                        transport.number("rate", usual.perSecond()),
                        transport.duration("deadline", usual.deadline()),
                        transport.wholeOrOff("breaker", usual.breaker(), 1, MOST)));
    }

    private void refuseUnknown(Section section, String type, @Nullable Set<String> options) {
        section.knows(LIMITS);
        if (options == null) {
            section.problem(
                    "type", "there is no transport of type '" + type + "'; " + Nearest.hint(type, transports.types()));
        } else {
            section.knows(options);
            section.refuseOthers();
        }
    }

    private List<Route> routes(List<Section> sections, Set<String> carriers, RetryPolicy usual) {
        Route standIn = new Route("**", "nowhere");
        List<Route> routes = new ArrayList<>();
        for (Section section : sections) {
            String topic = section.required("topic");
            String to = section.required("to");
            boolean hold = section.oneOf("on-dead", "skip", ON_DEAD).equals("hold");
            RetryPolicy retry =
                    section.section("retry").map(own -> retry(own, usual)).orElse(null);
            List<Route.OnError> onErrors =
                    section.section("on-error").map(this::onErrors).orElse(List.of());
            section.refuseOthers();
            if (!to.isEmpty() && !carriers.contains(to)) {
                section.problem("to", "there is no transport '" + to + "'; " + Nearest.hint(to, carriers));
            }
            routes.add(
                    topic.isEmpty()
                            ? standIn
                            : section.make(standIn, () -> new Route(topic, to, hold, retry, onErrors)));
        }
        return routes;
    }

    private List<Route.OnError> onErrors(Section section) {
        List<Route.OnError> rules = new ArrayList<>();
        for (String error : section.keys()) {
            String then = section.oneOf(error, "retry", THEN.keySet());
            rules.add(new Route.OnError(error, THEN.getOrDefault(then, Route.Then.RETRY)));
        }
        return rules;
    }

    /** @param usual what is not written */
    private RetryPolicy retry(Section retry, RetryPolicy usual) {
        RetryPolicy policy = retry.make(
                usual,
                () -> new RetryPolicy(
                        retry.duration("first", usual.first()),
                        retry.number("factor", usual.factor()),
                        retry.duration("max", usual.max()),
                        retry.number("jitter", usual.jitter()),
                        retry.whole("attempts", usual.attempts(), 1, MOST)));
        retry.refuseOthers();
        return policy;
    }

    private Engine engine(Section relay) {
        Engine engine = new Engine(
                relay.whole("batch", Engine.DEFAULT.batch(), 1, Relay.MAX_BATCH),
                relay.duration("lease", Engine.DEFAULT.lease()),
                relay.whole("in-flight", Engine.DEFAULT.inFlight(), 1, MOST),
                relay.size("in-flight-size"),
                relay.durationOrOff("history", Engine.DEFAULT.history()),
                relay.durationOrOff("shutdown", Engine.DEFAULT.shutdown()));
        relay.refuseOthers();
        return engine;
    }

    private Housekeeping housekeeping(Section section) {
        Housekeeping usual = Housekeeping.DEFAULT;
        Housekeeping housekeeping = new Housekeeping(
                section.cronOrOff("history", usual.history()),
                section.cronOrOff("attempts", usual.attempts()),
                section.cronOrOff("ledger", usual.ledger()),
                section.cronOrOff("sweep", usual.sweep()));
        section.refuseOthers();
        return housekeeping;
    }

    private Console console(Section section) {
        Console console = new Console(
                section.optional("bind").orElse(Console.DEFAULT.bind()),
                section.whole("port", Console.DEFAULT.port(), 0, 65_535));
        section.refuseOthers();
        return console;
    }
}
