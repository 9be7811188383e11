package io.bida.testkit;

import io.bida.testkit.Databases.Server;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Database servers in Docker, where it answers and Testcontainers, which the test kit does not bring along, is on the
 * class path. They end with this JVM. Thread-safe.
 */
final class DockerServers {

    private static final Logger log = LoggerFactory.getLogger(DockerServers.class);
    private static final Path SOCKET = Path.of("/var/run/docker.sock");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private DockerServers() {}

    /** Looked up once. */
    private static final class Docker {

        static final boolean ANSWERS = socketAnswers() && isTestcontainersThere() && Containers.answer();
    }

    /** A server of that kind; empty where Docker is not, or could not start it. */
    static Optional<Server> start(Databases kind) {
        if (!Docker.ANSWERS) {
            return Optional.empty();
        }
        try {
            return Optional.of(Containers.start(kind));
        } catch (RuntimeException e) {
            log.warn("{}: Docker is there but did not start it; the embedded server is used: {}", kind, e.toString());
            return Optional.empty();
        }
    }

    /** Testcontainers itself takes long to find out that there is no Docker. */
    private static boolean socketAnswers() {
        if (System.getenv("DOCKER_HOST") != null) {
            return true;
        }
        try (SocketChannel docker = SocketChannel.open(UnixDomainSocketAddress.of(SOCKET))) {
            return docker.isConnected();
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static boolean isTestcontainersThere() {
        try {
            Class.forName("org.testcontainers.DockerClientFactory", false, DockerServers.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** All that needs Testcontainers. */
    private static final class Containers {

        private Containers() {}

        static boolean answer() {
            return DockerClientFactory.instance().isDockerAvailable();
        }

        static Server start(Databases kind) {
            return switch (kind) {
                case MARIADB -> start("mariadb:11.4", 3306, "root", "MARIADB_ROOT_PASSWORD");
                case MYSQL -> start("mysql:8.4", 3306, "root", "MYSQL_ROOT_PASSWORD");
                case POSTGRESQL -> start("postgres:17", 5432, "postgres", "POSTGRES_PASSWORD");
            };
        }

        @SuppressWarnings("resource") // Testcontainers ends it.
        private static Server start(String image, int port, String user, String passwordVariable) {
            String password = DatabaseServer.PASSWORD;
            GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
                    .withExposedPorts(port)
                    .withEnv(Map.of(passwordVariable, password))
                    .withStartupTimeout(PATIENCE);
            container.start();
            String address = container.getHost() + ":" + container.getMappedPort(port);
            String url = image.startsWith("postgres")
                    ? "jdbc:postgresql://" + address + "/postgres"
                    : image.startsWith("mariadb") ? MariaDbServer.url(address) : "jdbc:mysql://" + address + "/";
            Server server = new Server(url, user, password);
            try {
                awaitConnection(server);
                return server;
            } catch (RuntimeException e) {
                container.stop();
                throw e;
            }
        }

        /** Its port is open before it is installed. */
        private static void awaitConnection(Server server) {
            long begin = System.nanoTime();
            for (SQLException refusal = refusal(server); refusal != null; refusal = refusal(server)) {
                if (System.nanoTime() - begin > PATIENCE.toNanos()
                        || Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException(server.url() + " takes no connection", refusal);
                }
                Waits.sleep(LOOK_AGAIN);
            }
        }

        private static @Nullable SQLException refusal(Server server) {
            try {
                DriverManager.getConnection(server.url(), server.user(), server.password())
                        .close();
                return null;
            } catch (SQLException e) {
                return e;
            }
        }
    }
}
