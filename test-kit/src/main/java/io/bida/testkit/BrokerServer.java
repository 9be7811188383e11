package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real broker without Docker: a program of this machine, or one on the JVM whose jars the build has put beside it. What it
 * has answered for is on its disk as durably as it can do. Thread-safe.
 */
public abstract non-sealed class BrokerServer extends LocalServer {

    /** Folders that hold servers, yet are not on every user's path. */
    private static final List<String> MORE_FOLDERS =
            List.of("/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/bin");

    private static final int CONNECT_MILLIS = 1_000;

    private final @Nullable Certificate certificate;

    BrokerServer(String word) {
        this(word, false);
    }

    /** @param secure whether it takes connections by TLS, and no others */
    BrokerServer(String word, boolean secure) {
        super(word);
        certificate = secure ? Certificate.in(folder()) : null;
    }

    /** What a server that takes TLS shows to its clients; empty of one that does not. */
    public final Optional<Certificate> certificate() {
        return Optional.ofNullable(certificate);
    }

    /** The type of the transport that reaches it. */
    public abstract String type();

    /**
     * The transport's settings, in the words of the relay's configuration, that bring every message to one topic, queue,
     * subject or stream of that name, which is created where there is none.
     */
    public abstract Map<String, Object> settings(String channel);

    /** One of {@link #settings} as text. */
    public static String text(Map<String, Object> settings, String name) {
        return String.valueOf(settings.get(name));
    }

    /** The {@code properties} of {@link #settings}; none where there are none. */
    public static Map<String, String> properties(Map<String, Object> settings) {
        Map<String, String> properties = new HashMap<>();
        if (settings.get("properties") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> properties.put(String.valueOf(name), String.valueOf(value)));
        }
        return properties;
    }

    /** Settings with the transport's {@code properties} by which it trusts this server, where that takes TLS. */
    final Map<String, Object> trusting(
            Map<String, Object> settings, Function<Certificate, Map<String, String>> properties) {
        if (certificate == null) {
            return settings;
        }
        Map<String, Object> more = new HashMap<>(settings);
        more.put("properties", properties.apply(certificate));
        return more;
    }

    /**
     * Ends the server and starts it again with all that it had answered for: by {@code kill -9}, except where a broker keeps
     * its promises through a tidy end only.
     */
    public void bounce() {
        restart();
    }

    /** Ends the server tidily ({@code kill}), starts it again on the same port with the same data. */
    public final synchronized void restartTidily() {
        terminate();
        begin();
    }

    /** Begins for the first time; what is left of one that does not start is removed. */
    final void open() {
        try {
            begin();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Where something listens it is asked no more: for brokers that open their port when they are ready. */
    @Override
    boolean answers(long pid) {
        return isListening(port());
    }

    static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The path of a program of this machine. */
    static String program(String name, String debianPackage) {
        return found(name)
                .orElseThrow(() -> new BidaException("The program " + name
                        + " is not on this machine, so the broker cannot be started; install it (Debian: apt-get install "
                        + debianPackage + ")."))
                .toString();
    }

    private static Optional<Path> found(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":")), MORE_FOLDERS.stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * The command of a broker on the JVM, without its arguments.
     *
     * @param broker its folder under {@code brokers/} of the source tree, whose build has put its jars together
     */
    static List<String> java(String broker, String mainClass, String... options) {
        Path target = brokers().resolve(broker).resolve("target");
        if (!Files.isDirectory(target.resolve("lib"))) {
            throw new BidaException("The jars of the broker " + broker + " are not there; run mvn -pl brokers/" + broker
                    + " -am -DskipTests process-classes.");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", target.resolve("classes") + ":" + target.resolve("lib") + "/*", mainClass));
        return command;
    }

    private static Path brokers() {
        String folder = System.getProperty("bida.brokers");
        if (folder == null) {
            throw new BidaException("The system property bida.brokers does not name the folder brokers of the source"
                    + " tree, so a broker on the JVM cannot be started; ./bida and the tests set it.");
        }
        return Path.of(folder);
    }
}
