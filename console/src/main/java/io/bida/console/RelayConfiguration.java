package io.bida.console;

import io.bida.message.BidaException;
import io.bida.relay.Housekeeping;
import io.bida.relay.Limits;
import io.bida.relay.RetryPolicy;
import io.bida.relay.Route;
import io.bida.transport.TransportSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a relay process is told to do. Valid once it exists; immutable. */
public record RelayConfiguration(
        String name,
        DatabaseSettings database,
        Map<String, Transport> transports,
        List<Route> routes,
        RetryPolicy retry,
        Engine engine,
        Housekeeping housekeeping,
        Optional<Console> console) {

    public RelayConfiguration {
        transports = Map.copyOf(transports);
        routes = List.copyOf(routes);
    }

    /** One entry of {@code transports}; the options may hold secrets. */
    public record Transport(String type, TransportSettings settings, Limits limits) {

        @Override
        public String toString() {
            return "Transport[type=" + type + "]";
        }
    }

    /**
     * The section {@code relay}.
     *
     * @param inFlightSize in bytes; empty for the relay's own default
     * @param history zero when off
     */
    public record Engine(
            int batch, Duration lease, int inFlight, OptionalLong inFlightSize, Duration history, Duration shutdown) {

        static final Engine DEFAULT = new Engine(
                500, Duration.ofSeconds(10), 2_000, OptionalLong.empty(), Duration.ofHours(24), Duration.ofSeconds(10));
    }

    /**
     * The section {@code console}.
     *
     * @param port 0 for a free one
     */
    public record Console(String bind, int port) {

        static final Console DEFAULT = new Console("127.0.0.1", 8670);
    }

    /**
     * Reads a file, with the environment and the transports of this process.
     *
     * @throws BidaException naming everything that is wrong in the file, one sentence a line
     */
    public static RelayConfiguration read(Path file) {
        return read(file, System::getenv, Transports.ofThisProcess());
    }

    static RelayConfiguration read(Path file, Environment.Variables variables, Transports transports) {
        Problems problems = new Problems(file);
        Node.Mapping written = new YamlFile(file, problems).read();
        Section root = new Section("", new Environment(variables, problems).resolve(written), problems);
        RelayConfiguration configuration = new ConfigurationReader(transports).read(root);
        problems.refuseAny();
        return configuration;
    }
}
