package io.bida.console;

import io.bida.message.BidaException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The databases a URL may name, each with its driver and what a relay needs of it where the user says nothing. */
enum Server {
    /** Connector/J for both: Bida was measured with it on both, and one driver has one behaviour to know. */
    MYSQL("com.mysql.cj.jdbc.Driver", "com.mysql:mysql-connector-j", 3306) {
        @Override
        Map<String, String> needs(int attemptSeconds, int answerSeconds) {
            return Map.of(
                    "rewriteBatchedStatements", "true",
                    "tcpKeepAlive", "true",
                    // caching_sha2_password without TLS asks for the server's key first.
                    "allowPublicKeyRetrieval", "true",
                    "connectTimeout", String.valueOf(attemptSeconds * 1_000),
                    "socketTimeout", String.valueOf(answerSeconds * 1_000));
        }
    },
    MARIADB(MYSQL.driver, MYSQL.artifact, MYSQL.port) {
        @Override
        Map<String, String> needs(int attemptSeconds, int answerSeconds) {
            return MYSQL.needs(attemptSeconds, answerSeconds);
        }
    },
    POSTGRESQL("org.postgresql.Driver", "org.postgresql:postgresql", 5432) {
        @Override
        Map<String, String> needs(int attemptSeconds, int answerSeconds) {
            return Map.of(
                    "reWriteBatchedInserts", "true",
                    "tcpKeepAlive", "true",
                    "ApplicationName", "bida",
                    "connectTimeout", String.valueOf(attemptSeconds),
                    "socketTimeout", String.valueOf(answerSeconds));
        }
    },
    H2("org.h2.Driver", "com.h2database:h2", 9092) {
        @Override
        Map<String, String> needs(int attemptSeconds, int answerSeconds) {
            // H2 would close its files at a signal, before the relay has settled.
            return Map.of("MODE", "MySQL", "DB_CLOSE_ON_EXIT", "FALSE");
        }
    };

    private final String driver;
    private final String artifact;
    private final int port;

    Server(String driver, String artifact, int port) {
        this.driver = driver;
        this.artifact = artifact;
        this.port = port;
    }

    /**
     * @param attemptSeconds how long a connection may take to come about
     * @param answerSeconds how long an answer may take; 0 for ever
     */
    abstract Map<String, String> needs(int attemptSeconds, int answerSeconds);

    String driver() {
        return driver;
    }

    int port() {
        return port;
    }

    /** The word in the URL. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    void requireDriver() {
        requireDriver(driver, artifact);
    }

    static void requireDriver(String driver, String artifact) {
        try {
            Class.forName(driver);
        } catch (ClassNotFoundException e) {
            throw new BidaException("The driver " + driver + " is missing; put " + artifact + " on the class path.", e);
        }
    }

    static Server of(String word) {
        return Stream.of(values())
                .filter(server -> server.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new BidaException("Databases of 'jdbc:" + word + "' are not known; " + known()));
    }

    static String known() {
        return "a URL begins with "
                + Stream.of(values()).map(server -> "jdbc:" + server.word()).collect(Collectors.joining(", ")) + ".";
    }
}
