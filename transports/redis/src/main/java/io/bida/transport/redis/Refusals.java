package io.bida.transport.redis;

import io.bida.transport.Receipt;
import java.util.Set;
import redis.clients.jedis.exceptions.JedisException;

/** What an error that Redis answers means for a message. */
final class Refusals {

    /** The whole server takes nothing at present, whatever the message. */
    private static final Set<String> UNAVAILABLE = Set.of(
            "LOADING", "MASTERDOWN", "READONLY", "MISCONF", "NOREPLICAS", "BUSY", "OOM", "CLUSTERDOWN", "NOAUTH");

    /** Another server may answer to the address by now, or the credentials are to be given again. */
    private static final Set<String> RECONNECT = Set.of("READONLY", "MASTERDOWN", "NOAUTH");

    private Refusals() {}

    static Receipt.Failed receipt(RedisAddress address, JedisException error) {
        String reason = address + " answered: " + error.getMessage();
        return UNAVAILABLE.contains(code(error))
                ? Receipt.Failed.unavailable(reason, null)
                : new Receipt.Failed(reason);
    }

    static boolean isForReconnecting(JedisException error) {
        return RECONNECT.contains(code(error));
    }

    /** Redis tells so, and closes the connection. */
    static boolean isTooLarge(Throwable error) {
        return String.valueOf(error.getMessage()).contains("invalid bulk length");
    }

    private static String code(JedisException error) {
        return String.valueOf(error.getMessage()).split(" ", 2)[0];
    }
}
