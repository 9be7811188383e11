package io.bida.compatibility;

import io.bida.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The relay as operators run it: a process of its own, told by a file and the environment; ends with the test. */
final class ChildRelay implements AutoCloseable {

    /** The environment variable that a configuration takes the password from. */
    static final String SECRET = "BIDA_TEST_SECRET";

    private static final Pattern NODE = Pattern.compile("started as node (\\S+) on");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Process process;
    private final Path out;
    private final Path err;
    private final Thread atExit;

    private ChildRelay(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.atExit = new Thread(process::destroyForcibly, "end-of-relay");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts a relay with the password in its environment. */
    static ChildRelay start(Path config, String password) {
        return start(config, Map.of(SECRET, password));
    }

    static ChildRelay start(Path config, Map<String, String> environment) {
        return start(
                config, environment, List.of("io.bida.console.BidaCommand", "relay", "--config", config.toString()));
    }

    /** Starts a program that is told a database's address and user, with the password in its environment. */
    static ChildRelay start(Path folder, Class<?> program, TestDatabase database) {
        return start(
                folder.resolve("child"),
                Map.of(SECRET, database.password()),
                List.of(program.getName(), database.url(), database.user()));
    }

    private static ChildRelay start(Path beside, Map<String, String> environment, List<String> program) {
        try {
            Path folder = Files.createTempDirectory(beside.toAbsolutePath().getParent(), "relay-");
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    // The process's own log, not the one of these tests.
                    "-Dlogback.configurationFile=logback.xml",
                    "-cp",
                    System.getProperty("java.class.path")));
            command.addAll(program);
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().putAll(environment);
            return new ChildRelay(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The section of a configuration that names a database; its password comes from the environment. */
    static String database(TestDatabase database) {
        String url = database.url();
        if (database.dialect().name().equals("mariadb")) {
            url = url.replace("jdbc:mysql:", "jdbc:mariadb:");
        }
        return database(url, database.user());
    }

    static String database(String url, String user) {
        return "database: { url: \"" + url + "\", user: " + user + ", password: \"${" + SECRET + "}\" }\n";
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The name under which it holds leases; empty until it has started. */
    String node() {
        return NODE.matcher(errors())
                .results()
                .map((MatchResult found) -> found.group(1))
                .findFirst()
                .orElse("");
    }

    /** What it wrote to stderr: its log, and how it ended. */
    String errors() {
        return text(err);
    }

    String output() {
        return text(out);
    }

    /** Takes the processor away from it ({@code kill -STOP}): its connections stay, and it learns nothing. */
    void pause() {
        signal("STOP");
    }

    /** Ends {@link #pause}. */
    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("The relay could not be sent " + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while a relay was sent " + name, e);
        }
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        awaitEnd(PATIENCE);
    }

    /** {@code kill}; answers the exit code. */
    int terminate() {
        process.destroy();
        return awaitEnd(PATIENCE);
    }

    /** Answers the exit code. */
    int awaitEnd(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("The relay did not end within " + atMost + ":\n" + errors());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while a relay was to end", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
