package io.bida.console;

import org.jspecify.annotations.Nullable;

/**
 * Where a database is and who asks. Never shown: the password, and the URL, which may hold one.
 *
 * @param user null leaves it to the URL
 * @param password null leaves it to the URL
 */
public record DatabaseSettings(
        String url, @Nullable String user, @Nullable String password) {

    @Override
    public String toString() {
        return "DatabaseSettings[user=" + user + "]";
    }
}
