package io.bida.console;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        description = "Runs a relay until it is told to stop: it moves what producers published to its destinations.",
        footer = {"", "SIGTERM and Ctrl-C drain what is in flight (relay.shutdown, 10 s) and end with exit code 0."})
final class RelayCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(RelayCommand.class);

    private final Environment.Variables variables;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The relay's configuration, YAML.")
    private Path config = Path.of("");

    @Option(names = "--migrate", description = "Bring the schema up first.")
    private boolean migrate;

    RelayCommand(Environment.Variables variables) {
        this.variables = variables;
    }

    @Override
    public Integer call() {
        Transports transports = Transports.ofThisProcess();
        RelayConfiguration configuration = RelayConfiguration.read(config, variables, transports);
        RelayProcess process = new RelayProcess(configuration, transports);
        Thread atSignal = new Thread(() -> stopAtSignal(configuration.name(), process), "bida-stop");
        Runtime.getRuntime().addShutdownHook(atSignal);
        try {
            process.start(migrate);
            awaitInterrupt();
            stop(configuration.name(), process);
        } finally {
            forget(atSignal);
        }
        return 0;
    }

    /** The virtual machine would end with 128 and the signal's number; a relay that was told to stop did well. */
    private static void stopAtSignal(String name, RelayProcess process) {
        stop(name, process);
        Runtime.getRuntime().halt(0);
    }

    private static void forget(Thread atSignal) {
        try {
            Runtime.getRuntime().removeShutdownHook(atSignal);
        } catch (IllegalStateException e) {
            // It runs already, and ends the process.
        }
    }

    private static void stop(String name, RelayProcess process) {
        LOG.info("{}: stopping; what is in flight is settled first.", name);
        process.close();
        LOG.info("{}: stopped.", name);
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // Whoever runs the command in a thread of its own stops it so.
        }
    }
}
