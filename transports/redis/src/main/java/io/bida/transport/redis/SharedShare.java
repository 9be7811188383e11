package io.bida.transport.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import redis.clients.jedis.Protocol.Command;

/**
 * One consumer among several of its group, which share the entries without regard to keys. What another has had for {@code
 * idle} without acknowledging it is taken over.
 */
final class SharedShare implements Share {

    /** A consumer that is deleted takes with it what is pending for it, which nobody would get any more. */
    private static final String LEAVE = """
            if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
            return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
            """;

    private static final String FIRST = "0-0";
    private static final String NEW = ">";

    private final String consumer = "bida-" + UUID.randomUUID();
    private final Duration idle;

    private StreamGroup group;
    private String readFrom = FIRST;
    private String claimFrom = FIRST;
    private long claimed = System.nanoTime();

    SharedShare(StreamGroup group, Duration idle) {
        this.group = group;
        this.idle = idle;
    }

    @Override
    public void begin(StreamGroup group) {
        this.group = group;
        readFrom = FIRST;
    }

    @Override
    public List<StreamEntry> read(int most, Duration wait) {
        if (System.nanoTime() - claimed > idle.toNanos() / 2) {
            return abandoned(most);
        }
        List<StreamEntry> entries = read(most, wait, readFrom);
        if (!readFrom.equals(NEW)) {
            readFrom = entries.isEmpty() ? NEW : entries.get(entries.size() - 1).id();
        }
        return entries;
    }

    @Override
    public void keep() {}

    /** What the server believes it has given decides: an answer may have been lost with what it brought. */
    @Override
    public void leave(int unacknowledged) {
        group.connection().ask(Command.EVAL, LEAVE, 1, group.stream(), group.group(), consumer);
    }

    /** @param from after which of its own entries; {@code >}: new ones */
    private List<StreamEntry> read(int most, Duration wait, String from) {
        Object answer = group.connection()
                .ask(
                        Command.XREADGROUP,
                        "GROUP",
                        group.group(),
                        consumer,
                        "COUNT",
                        most,
                        "BLOCK",
                        wait.toMillis(),
                        "STREAMS",
                        group.stream(),
                        from);
        return answer instanceof List<?> streams ? StreamEntry.list(((List<?>) streams.get(0)).get(1)) : List.of();
    }

    private List<StreamEntry> abandoned(int most) {
        List<?> answer = (List<?>) group.connection()
                .ask(
                        Command.XAUTOCLAIM,
                        group.stream(),
                        group.group(),
                        consumer,
                        idle.toMillis(),
                        claimFrom,
                        "COUNT",
                        most);
        claimFrom = new String((byte[]) answer.get(0), UTF_8);
        if (claimFrom.equals(FIRST)) {
            claimed = System.nanoTime();
        }
        group.tellOfTrimmed(answer);
        return StreamEntry.list(answer.get(1));
    }
}
