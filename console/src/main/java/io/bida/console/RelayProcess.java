package io.bida.console;

import io.bida.message.BidaException;
import io.bida.micrometer.RelayMetrics;
import io.bida.relay.Relay;
import io.bida.transport.Sender;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay with all that it needs, from its configuration:
 *
 * <ol>
 *   <li>the endpoint for health and metrics, first, so that a taken port ends the start before anything is sent;
 *   <li>the database, waited for, migrated where asked, its tables checked;
 *   <li>the senders;
 *   <li>the relay.
 * </ol>
 *
 * Closed in the opposite order, also when the start fails half-way. One thread starts it; any may close it.
 */
final class RelayProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RelayProcess.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final RelayConfiguration configuration;
    private final Transports transports;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final AtomicReference<@Nullable Relay> relay = new AtomicReference<>();

    private final PrometheusMeterRegistry metrics = metrics();

    private boolean closed;

    RelayProcess(RelayConfiguration configuration, Transports transports) {
        this.configuration = configuration;
        this.transports = transports;
    }

    /** @throws BidaException when it cannot start; nothing is left open then */
    void start(boolean migrate) {
        try {
            open(migrate);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(boolean migrate) {
        String health = configuration.console().map(this::serve).orElse("no console");
        if (migrate) {
            log(Migration.run(configuration.database(), PATIENCE, this::log));
        }
        Database database = open(Database.open(configuration.database(), configuration.name(), PATIENCE, this::log));
        database.requireTables();
        database.observe(metrics);
        open(relay(database)).start();
        log("running, from " + database.place() + " to "
                + String.join(", ", new TreeSet<>(configuration.transports().keySet())) + ", " + health + ".");
    }

    private static PrometheusMeterRegistry metrics() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        return registry;
    }

    private String serve(RelayConfiguration.Console console) {
        Endpoint endpoint = open(Endpoint.start(console, this::isLive, this::isReady, metrics::scrape));
        log("health at " + endpoint.address() + "/health/ready, metrics at " + endpoint.address() + "/metrics.");
        return "health at " + endpoint.address();
    }

    private Relay relay(Database database) {
        RelayConfiguration.Engine engine = configuration.engine();
        Relay.Builder builder = Relay.builder()
                .name(configuration.name())
                .dataSource(database.dataSource())
                .retry(configuration.retry())
                .batch(engine.batch())
                .lease(engine.lease())
                .inFlight(engine.inFlight())
                .history(engine.history())
                .housekeeping(configuration.housekeeping())
                .shutdown(engine.shutdown())
                .listener(new RelayMetrics(metrics, configuration.name()));
        engine.inFlightSize().ifPresent(builder::inFlightSize);
        configuration.transports().forEach((name, transport) -> {
            Sender sender = open(transports.open(transport));
            builder.sender(name, sender, transport.limits());
        });
        configuration.routes().forEach(builder::route);
        Relay built = builder.build();
        relay.set(built);
        return built;
    }

    /** A process that is still starting lives. */
    private boolean isLive() {
        Relay running = relay.get();
        return running == null || running.isLive();
    }

    private boolean isReady() {
        Relay running = relay.get();
        return running != null && running.isReady();
    }

    private synchronized <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        if (closed) {
            close();
            throw new BidaException(configuration.name() + " was stopped while it was starting.");
        }
        return resource;
    }

    /** Drains, settles, releases. What fails to close is told, and the rest is closed all the same. */
    @Override
    public synchronized void close() {
        closed = true;
        // An interrupt asked for this end; it must not cut it short.
        boolean interrupted = Thread.interrupted();
        while (!opened.isEmpty()) {
            close(opened.pop());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn(
                    "{}: {} did not close.",
                    configuration.name(),
                    resource.getClass().getSimpleName(),
                    e);
        }
    }

    private void log(String sentence) {
        LOG.info("{}: {}", configuration.name(), sentence);
    }
}
