package io.bida.transport.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bida.message.Message;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * How a message is appended. Immutable and thread-safe.
 *
 * @param stream null: named by the message's topic
 * @param create whether a stream that is missing comes into being
 * @param maxLength about how many of the newest entries are kept; 0: all
 */
record XAdd(@Nullable String stream, boolean create, int maxLength) {

    String stream(Message message) {
        return stream == null ? message.topic() : stream;
    }

    CommandArguments command(Message message) {
        CommandArguments command = new CommandArguments(Command.XADD).add(stream(message));
        if (!create) {
            command.add("NOMKSTREAM");
        }
        if (maxLength > 0) {
            command.add("MAXLEN").add("~").add(maxLength);
        }
        command.add("*".getBytes(UTF_8));
        StreamEntry.fields(message).forEach(command::add);
        return command;
    }
}
