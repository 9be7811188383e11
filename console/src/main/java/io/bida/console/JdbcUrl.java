package io.bida.console;

import io.bida.message.BidaException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JDBC URL: whose it is, where it leads, and how a relay connects with it. Shows no secret. Immutable. */
final class JdbcUrl {

    private static final Pattern FORM = Pattern.compile("jdbc:([A-Za-z0-9+]{1,20}):(.+)", Pattern.DOTALL);
    private static final Pattern ADDRESS =
            Pattern.compile("(?:[a-z+]+:)*//(?:[^/?]*@)?([^/?]*)(?:/([^?]*))?(?:\\?.*)?", Pattern.DOTALL);

    /** How mariadb-java-client spells what Connector/J reads. */
    private static final Map<String, String> SSL_MODES = Map.of(
            "disable", "DISABLED", "trust", "REQUIRED", "verify-ca", "VERIFY_CA", "verify-full", "VERIFY_IDENTITY");

    private final Server server;
    private final String text;
    private final String rest;

    private JdbcUrl(Server server, String rest) {
        this.server = server;
        this.rest = rest;
        this.text = "jdbc:" + (server == Server.MARIADB ? "mysql:" + likeConnectorJ(rest) : server.word() + ":" + rest);
    }

    static JdbcUrl parse(String url) {
        Matcher form = FORM.matcher(url.strip());
        if (!form.matches()) {
            throw new BidaException("The database URL is no JDBC URL; " + Server.known());
        }
        Server server = Server.of(form.group(1).toLowerCase(Locale.ROOT));
        boolean needsHost = server == Server.MYSQL || server == Server.MARIADB;
        if (needsHost && !ADDRESS.matcher(form.group(2)).matches()) {
            throw new BidaException(
                    "The database URL names no host; write jdbc:" + server.word() + "://HOST:PORT/DATABASE.");
        }
        return new JdbcUrl(server, form.group(2));
    }

    Server server() {
        return server;
    }

    boolean namesDatabase() {
        Matcher address = ADDRESS.matcher(rest);
        return !address.matches()
                || (address.group(2) != null && !address.group(2).isEmpty());
    }

    /** The database as errors name it: {@code orders at 127.0.0.1:3306}. */
    String place() {
        if (server == Server.H2) {
            return rest.split(";", 2)[0];
        }
        Matcher address = ADDRESS.matcher(rest);
        if (!address.matches()) {
            return rest.split("[?@]", 2)[0] + " at localhost:" + server.port();
        }
        String database = address.group(2);
        String hosts = Stream.of(address.group(1).split(",", -1))
                .map(this::hostAndPort)
                .collect(Collectors.joining(","));
        return database == null || database.isEmpty() ? hosts : database + " at " + hosts;
    }

    /** The URL for the driver; H2 takes its parameters only here. */
    String text(Map<String, String> needs) {
        if (server != Server.H2) {
            return text;
        }
        return text
                + unset(needs).entrySet().stream()
                        .map(need -> ";" + need.getKey() + "=" + need.getValue())
                        .collect(Collectors.joining());
    }

    /** What the driver is to be told beside the URL: never what the URL itself says. */
    Properties properties(Map<String, String> needs) {
        Properties properties = new Properties();
        if (server != Server.H2) {
            properties.putAll(unset(needs));
        }
        return properties;
    }

    private Map<String, String> unset(Map<String, String> needs) {
        Set<String> set = Stream.of(text.split("[?&;]", -1))
                .map(parameter -> parameter.split("=", 2)[0].toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        Map<String, String> unset = new TreeMap<>(needs);
        unset.keySet().removeIf(name -> set.contains(name.toLowerCase(Locale.ROOT)));
        return unset;
    }

    private String hostAndPort(String host) {
        String name = host.isEmpty() ? "localhost" : host;
        boolean bare = name.startsWith("[") ? name.endsWith("]") : !name.contains(":");
        return bare ? name + ":" + server.port() : name;
    }

    private static String likeConnectorJ(String rest) {
        Matcher mode = Pattern.compile("(?<=[?&]sslMode=)[a-z-]+").matcher(rest);
        return mode.replaceAll(found -> SSL_MODES.getOrDefault(found.group(), found.group()));
    }

    @Override
    public String toString() {
        return place();
    }
}
