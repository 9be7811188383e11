package io.bida.console;

import io.bida.message.BidaException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Opens single connections, and says in a sentence why one cannot be had. Immutable. */
final class Login {

    private static final int ATTEMPT_SECONDS = 3;

    private final DatabaseSettings settings;
    private final JdbcUrl url;

    Login(DatabaseSettings settings) {
        this.settings = settings;
        this.url = JdbcUrl.parse(settings.url());
        url.server().requireDriver();
    }

    JdbcUrl url() {
        return url;
    }

    DatabaseSettings settings() {
        return settings;
    }

    /** @param answerSeconds how long an answer may take; 0 for ever */
    Connection connect(int answerSeconds) throws SQLException {
        var needs = url.server().needs(ATTEMPT_SECONDS, answerSeconds);
        Properties properties = url.properties(needs);
        if (settings.user() != null) {
            properties.setProperty("user", settings.user());
        }
        if (settings.password() != null) {
            properties.setProperty("password", settings.password());
        }
        return DriverManager.getConnection(url.text(needs), properties);
    }

    /** The end of an attempt, for the one who started the process. */
    BidaException explain(Exception e) {
        return explain(e, "");
    }

    BidaException explain(Exception e, String more) {
        return new BidaException(sentence(e) + more, e);
    }

    String sentence(Exception e) {
        return switch (DatabaseFault.of(e)) {
            case UNREACHABLE -> "The database " + url + " cannot be reached: " + reason(e) + ".";
            case UNKNOWN_HOST -> "The database " + url + " cannot be reached: its host is unknown.";
            case REFUSED_USER ->
                "The database " + url + " refuses " + user() + ": wrong user or password, or no grant on it.";
            case UNKNOWN_DATABASE ->
                url.namesDatabase()
                        ? "The database " + url + " does not exist (asked as " + user() + ")."
                        : "The URL names no database at " + url + "; write it after the port, as in /orders.";
            case MISSING_TABLES ->
                "The database " + url
                        + " lacks Bida's tables; make them with ./bida migrate, or start with --migrate (asked as "
                        + user() + ").";
            case FORBIDDEN_TABLES -> "The database " + url + " does not let " + user() + " use Bida's tables.";
            case IN_USE -> "The database " + url + " is in use by another process.";
            case OTHER -> "The database " + url + " answers " + user() + ": " + reason(e) + ".";
        };
    }

    private String user() {
        return settings.user() == null ? "the URL's user" : "user '" + settings.user() + "'";
    }

    private String reason(Exception e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        if (deepest instanceof ConnectException) {
            return "connection refused";
        }
        if (deepest instanceof SocketTimeoutException) {
            return "it does not answer";
        }
        String said = Secrets.hide(deepest.getMessage(), settings.password());
        return said.isEmpty() ? deepest.getClass().getSimpleName() : said.replaceAll("\\.$", "");
    }
}
