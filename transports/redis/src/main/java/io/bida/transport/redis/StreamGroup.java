package io.bida.transport.redis;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * One consumer group of one stream, as a connection sees it.
 *
 * @param removing whether what is acknowledged leaves the stream as well
 */
record StreamGroup(OneConnection connection, String stream, String group, String deadLetters, boolean removing) {

    private static final Logger log = LoggerFactory.getLogger(StreamGroup.class);

    /** Kept first and acknowledged then, by one command of the server: a dead letter is neither lost nor kept twice. */
    private static final String BURY = """
            if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
            redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
            redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
            return 1
            """;

    /** Names and values; of more than 8,000 Lua makes no arguments. Such an entry may be kept twice, but is kept. */
    private static final int MOST_IN_SCRIPT = 7_000;

    /** Makes the group where it is not there yet; a new one begins with the oldest entry of the stream. */
    void create(boolean streamToo) {
        try {
            List<Object> arguments = new ArrayList<>(List.of("CREATE", stream, group, "0"));
            if (streamToo) {
                arguments.add("MKSTREAM");
            }
            connection.ask(Command.XGROUP, arguments.toArray());
        } catch (JedisDataException e) {
            if (!String.valueOf(e.getMessage()).startsWith("BUSYGROUP")) {
                throw e;
            }
        }
    }

    void acknowledge(List<String> ids) {
        connection.ask(Command.XACK, with(List.of(stream, group), ids));
        remove(ids);
    }

    void bury(StreamEntry entry, String reason) {
        List<Object> fields = new ArrayList<>(entry.fieldsWithReason(reason));
        if (fields.size() > MOST_IN_SCRIPT) {
            fields.addAll(0, List.of(deadLetters, "*"));
            connection.ask(Command.XADD, fields.toArray());
            acknowledge(List.of(entry.id()));
            return;
        }
        fields.addAll(0, List.of(BURY, 2, stream, deadLetters, group, entry.id()));
        connection.ask(Command.EVAL, fields.toArray());
        remove(List.of(entry.id()));
    }

    private void remove(List<String> ids) {
        if (removing) {
            connection.ask(Command.XDEL, with(List.of(stream), ids));
        }
    }

    /** @param claimed an answer to XAUTOCLAIM, whose third part is what the stream has no more; the group forgot it, too */
    void tellOfTrimmed(List<?> claimed) {
        if (claimed.size() > 2 && claimed.get(2) instanceof List<?> trimmed && !trimmed.isEmpty()) {
            log.error(
                    "{}: {} messages were removed from the stream before group {} had handled them, and are lost: it was"
                            + " trimmed to less than what waits",
                    stream,
                    trimmed.size(),
                    group);
        }
    }

    private static Object[] with(List<String> first, List<String> others) {
        List<Object> all = new ArrayList<>(first);
        all.addAll(others);
        return all.toArray();
    }
}
