package io.bida.transport.contract;

import io.bida.testkit.TestDatabase;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A relay in a process of its own, which can be killed. */
final class RelayProcess implements AutoCloseable {

    private final Process process;
    private final Thread atExit;

    private RelayProcess(Process process) {
        this.process = process;
        this.atExit = new Thread(process::destroyForcibly, "end-of-relay");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** @param settings of the one transport that every topic goes to */
    static RelayProcess start(Path folder, TestDatabase database, String type, Map<String, Object> settings) {
        try {
            Path file = Files.createTempFile(folder, "relay-", ".settings");
            try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file))) {
                out.writeObject(new HashMap<>(settings));
            }
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RelayMain.class.getName(),
                            database.url(),
                            database.user(),
                            type,
                            file.toString()))
                    .inheritIO();
            builder.environment().put(RelayMain.PASSWORD, database.password());
            return new RelayProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked") // written above
    static Map<String, Object> settings(Path file) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(file))) {
            return (Map<String, Object>) in.readObject();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
