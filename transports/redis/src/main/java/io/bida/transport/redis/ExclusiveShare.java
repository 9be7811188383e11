package io.bida.transport.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * The whole group for one receiver at a time, so that the order of each key is kept.
 *
 * <ol>
 *   <li>Who reads holds a lease: a key with the receiver's token that expires. Others stand by.
 *   <li>Its new holder first takes over whatever is pending, his predecessors' and his own, in the order of the stream, and
 *       then what is new.
 *   <li>Each command that reads is a script that looks at the lease, renews it, and reads nothing when it is lost: a
 *       receiver that slept beyond its lease cannot take a message from between those of its successor.
 * </ol>
 */
final class ExclusiveShare implements Share {

    private static final Logger log = LoggerFactory.getLogger(ExclusiveShare.class);

    private static final String CONSUMER = "bida";
    private static final String FIRST = "0-0";
    private static final String NEWEST = "$";

    private static final String TAKE = """
            local holder = redis.call('GET', KEYS[1])
            if holder and holder ~= ARGV[1] then return 0 end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 1
            """;
    private static final String HOLDING = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """;
    private static final String KEEP = HOLDING + "return 1";
    private static final String CLAIM = HOLDING + """
            return redis.call('XAUTOCLAIM', KEYS[2], ARGV[3], ARGV[4], 0, ARGV[6], 'COUNT', ARGV[5])
            """;
    private static final String READ = HOLDING + """
            return redis.call(
                'XREADGROUP', 'GROUP', ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'STREAMS', KEYS[2], '>') or {}
            """;
    private static final String GIVE_BACK = """
            if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
            return 1
            """;

    private final String lease;
    private final Duration length;
    private final String token = UUID.randomUUID().toString();

    private StreamGroup group;
    private boolean holding;
    private long renewed;
    private @Nullable String pendingFrom = FIRST;
    private String last = NEWEST;

    ExclusiveShare(StreamGroup group, String lease, Duration length) {
        this.group = group;
        this.lease = lease;
        this.length = length;
    }

    @Override
    public void begin(StreamGroup group) {
        this.group = group;
        pendingFrom = FIRST;
    }

    @Override
    public List<StreamEntry> read(int most, Duration wait) {
        if (!holding && !taken()) {
            pause(wait);
            return List.of();
        }
        if (pendingFrom != null) {
            return pending(pendingFrom, most);
        }
        Object answer = whileHolding(READ, group.group(), CONSUMER, most);
        if (!(answer instanceof List<?> streams)) {
            return List.of();
        }
        if (streams.isEmpty()) {
            group.connection()
                    .ask(Command.XREAD, "COUNT", 1, "BLOCK", wait.toMillis(), "STREAMS", group.stream(), last);
            return List.of();
        }
        List<StreamEntry> entries = StreamEntry.list(((List<?>) streams.get(0)).get(1));
        last = entries.get(entries.size() - 1).id();
        return entries;
    }

    @Override
    public void keep() {
        if (holding && System.nanoTime() - renewed > length.toNanos() / 4) {
            whileHolding(KEEP);
        }
    }

    @Override
    public void leave(int unacknowledged) {
        group.connection().ask(Command.EVAL, GIVE_BACK, 1, lease, token);
    }

    private boolean taken() {
        Object taken = group.connection().ask(Command.EVAL, TAKE, 1, lease, token, length.toMillis());
        holding = ((Long) taken) == 1;
        renewed = System.nanoTime();
        pendingFrom = FIRST;
        last = NEWEST;
        return holding;
    }

    private List<StreamEntry> pending(String from, int most) {
        Object answer = whileHolding(CLAIM, group.group(), CONSUMER, most, from);
        if (!(answer instanceof List<?> claimed)) {
            return List.of();
        }
        String next = new String((byte[]) claimed.get(0), UTF_8);
        pendingFrom = next.equals(FIRST) ? null : next;
        group.tellOfTrimmed(claimed);
        return StreamEntry.list(claimed.get(1));
    }

    /** The script's answer; null when the lease is lost. */
    private @Nullable Object whileHolding(String script, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(script, 2, lease, group.stream(), token, length.toMillis()));
        all.addAll(List.of(arguments));
        long asked = System.nanoTime();
        Object answer = group.connection().ask(Command.EVAL, all.toArray());
        if (answer == null) {
            holding = false;
            log.warn(
                    "{}: the lease of this receiver of group {} ended, as it was silent for {} ms; it stands by until it has"
                            + " it again",
                    group.stream(),
                    group.group(),
                    length.toMillis());
        } else {
            renewed = asked;
        }
        return answer;
    }

    private static void pause(Duration wait) {
        try {
            TimeUnit.NANOSECONDS.sleep(wait.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
