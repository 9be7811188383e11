package io.bida.transport.redis;

import java.io.IOException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;

/**
 * A connection that is never another one: Jedis would quietly open a new one in the place of one that was closed, and send
 * there what is still to be written.
 */
final class OneConnection extends Connection {

    private volatile boolean ended;

    /** Opens it and enters. */
    OneConnection(HostAndPort server, JedisClientConfig config) {
        super(server, config);
    }

    @Override
    public boolean isConnected() {
        return super.isConnected() || ended;
    }

    /** Ends it at once, from any thread; what is still in the client's buffer is not sent. */
    void end() {
        ended = true;
        try {
            forceDisconnect();
        } catch (IOException | RuntimeException e) {
            // It is of no use any more, closed or not.
        }
    }

    /** Sends a command whose arguments are texts, numbers or bytes, and waits for the answer. */
    Object ask(Command command, Object... arguments) {
        return executeCommand(arguments(command, arguments));
    }

    static CommandArguments arguments(Command command, Object... arguments) {
        return new CommandArguments(command).addObjects(arguments);
    }
}
