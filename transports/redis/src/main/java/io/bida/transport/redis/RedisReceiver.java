package io.bida.transport.redis;

import io.bida.transport.Deliverer;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Receiver;
import io.bida.transport.ReceiverBuilder;
import io.bida.transport.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a stream of Redis as a consumer group and gives its messages to an intake. Thread-safe.
 *
 * <ol>
 *   <li>One thread with one connection reads no more entries than the window has room for, and gives them to a {@link
 *       Deliverer} in the order of the stream.
 *   <li>What has its verdict is acknowledged ({@code XACK}), many at a time; a dead letter is appended to another stream and
 *       acknowledged by one script.
 *   <li>By default one receiver of a group is active at a time, which holds a lease; it begins with what was left pending.
 *       The others stand by. {@link Builder#shared} lets all be active, without any order.
 *   <li>When the connection is lost it opens another, for ever, and begins with what is pending.
 * </ol>
 */
public final class RedisReceiver implements Receiver {

    private static final Logger log = LoggerFactory.getLogger(RedisReceiver.class);

    private static final int MOST_AT_ONCE = 500;

    /** What waits for its acknowledgement waits no longer than that for new entries. */
    private static final Duration BUSY = Duration.ofMillis(20);

    private static final Duration IDLE = Duration.ofMillis(200);
    private static final Duration GATHER = Duration.ofMillis(2);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);

    private final Builder options;
    private final RedisAddress address;
    private final String stream;
    private final int window;
    private final Deliverer deliverer;
    private final Unacknowledged unacknowledged = new Unacknowledged();
    private final Thread thread;
    private @Nullable Share share;
    private boolean troubled;
    private volatile @Nullable OneConnection current;
    private volatile boolean closing;
    private volatile boolean ended;

    private RedisReceiver(Builder options, RedisAddress address, String stream) {
        this.options = options;
        this.address = address;
        this.stream = stream;
        String name = "bida-redis-" + stream;
        this.window = options.mostUnacknowledged();
        this.deliverer = options.deliverer(name);
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** @param url {@code redis://host:port/database}, or {@code rediss:} for TLS */
    public static Builder from(String url) {
        return new Builder(url);
    }

    /** How many messages it has taken and not acknowledged. */
    public int unacknowledged() {
        return unacknowledged.size();
    }

    @Override
    public void close() {
        closing = true;
        deliverer.close();
        ended = true;
        try {
            thread.join(LAST_WORDS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        OneConnection last = current;
        if (last != null) {
            last.end();
        }
    }

    private void run() {
        while (!ended) {
            try {
                receive();
                return;
            } catch (RuntimeException e) {
                tell(e);
                pause(AGAIN);
            }
        }
        try {
            receive();
        } catch (RuntimeException e) {
            log.warn(
                    "{}: closed without a connection; {} handled messages come again: {}",
                    stream,
                    unacknowledged.judged(),
                    e.getMessage());
        }
    }

    /** Over one connection, until it is lost or this has ended. */
    private void receive() {
        OneConnection connection = address.connect();
        current = connection;
        try {
            StreamGroup group = options.group(connection, stream);
            group.create(options.create);
            Share mine = share == null ? options.share(group) : share;
            share = mine;
            mine.begin(group);
            recovered();
            while (!ended) {
                turn(group, mine);
            }
            unacknowledged.settle(group);
            mine.leave(unacknowledged.size());
        } finally {
            connection.end();
        }
    }

    private void turn(StreamGroup group, Share mine) {
        unacknowledged.settle(group);
        int room = window - unacknowledged.size();
        if (closing || room < Math.max(1, window / 4)) {
            mine.keep();
            pause(GATHER);
        } else {
            mine.read(Math.min(room, MOST_AT_ONCE), unacknowledged.size() == 0 ? IDLE : BUSY)
                    .forEach(this::begin);
        }
    }

    private void begin(StreamEntry entry) {
        if (!unacknowledged.add(entry)) {
            return;
        }
        if (entry.isTrimmed()) {
            log.error("{}: message {} was trimmed before it was handled, and is lost", stream, entry.id());
            unacknowledged.judge(entry, new Verdict.Done());
            return;
        }
        deliverer.deliver(entry.delivery(stream)).thenAccept(verdict -> unacknowledged.judge(entry, verdict));
    }

    private void tell(RuntimeException e) {
        if (troubled) {
            log.debug("{}: still nothing is received from {}", stream, address, e);
        } else {
            log.warn(
                    "{}: nothing is received from {}, which is tried again every {} s: {}",
                    stream,
                    address,
                    AGAIN.toSeconds(),
                    e.getMessage());
        }
        troubled = true;
    }

    private void recovered() {
        if (troubled) {
            log.info("{}: messages are received from {} again", stream, address);
        }
        troubled = false;
    }

    private static void pause(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects what a receiver needs; {@code stream}, {@code group} and {@code to} must be given. Not thread-safe. */
    public static final class Builder extends ReceiverBuilder<Builder> {

        private final String url;
        private @Nullable String user;
        private @Nullable String password;
        private Map<String, String> properties = Map.of();
        private Duration timeout = Duration.ofSeconds(5);
        private @Nullable String stream;
        private @Nullable String group;
        private Duration lease = Duration.ofSeconds(10);
        private @Nullable Duration idle;
        private boolean create;
        private boolean removing;

        private Builder(String url) {
            super("It is no CloudEvent: the field ce_specversion is missing.");
            this.url = url;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /** The server's default user when not given. */
        public Builder user(String user) {
            this.user = user;
            return this;
        }

        public Builder password(String password) {
            this.password = password;
            return this;
        }

        /** Jedis's own, as {@link RedisSenderFactory} names them. */
        public Builder properties(Map<String, String> properties) {
            this.properties = Map.copyOf(properties);
            return this;
        }

        /** How long the server may take to answer; 5 s when not given. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        public Builder stream(String stream) {
            this.stream = stream;
            return this;
        }

        /** The consumer group; a new one begins with the oldest entry of the stream. */
        public Builder group(String group) {
            this.group = group;
            return this;
        }

        /** After how long without a sign of the active receiver another takes over; 10 s when not given. */
        public Builder lease(Duration lease) {
            this.lease = lease;
            return this;
        }

        /**
         * All receivers of the group are active at once and share its entries, without any order of keys.
         *
         * @param idle what another receiver has had for so long is taken over; longer than handling takes, with its retries
         */
        public Builder shared(Duration idle) {
            this.idle = idle;
            return this;
        }

        /** Makes the stream where it is missing; without it, it is waited for. */
        public Builder create() {
            this.create = true;
            return this;
        }

        /** Removes from the stream what is acknowledged: for a stream with one group only. */
        public Builder removing() {
            this.removing = true;
            return this;
        }

        /** Begins to receive; a server that is down is waited for. */
        public RedisReceiver open() {
            RedisAddress address = RedisAddress.of(url, user, password, timeout, properties, UnaryOperator.identity());
            given("group", group);
            return new RedisReceiver(this, address, given("stream", stream));
        }

        private int mostUnacknowledged() {
            return window();
        }

        private Deliverer deliverer(String name) {
            return deliverer(name, others -> DeliveryReader.events(StreamEntry.BINDING, others))
                    .build();
        }

        private StreamGroup group(OneConnection connection, String stream) {
            String name = given("group", group);
            return new StreamGroup(connection, stream, name, deadLettersOr(stream + ".dead"), removing);
        }

        private Share share(StreamGroup whole) {
            return idle == null
                    ? new ExclusiveShare(whole, whole.stream() + "." + whole.group() + ".lease", lease)
                    : new SharedShare(whole, idle);
        }
    }
}
