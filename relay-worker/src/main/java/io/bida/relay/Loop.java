package io.bida.relay;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes turns until it is stopped. A turn that fails is told once, tried again with growing pauses for as
 * long as it takes, and its recovery is told too.
 */
final class Loop {

    /** One turn; pauses by itself where there is nothing to do. */
    interface Turn {
        void take() throws Exception;
    }

    private static final Logger log = LoggerFactory.getLogger(Loop.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(5);

    private final String name;
    private final Turn turn;
    private final Runnable wake;
    private final Pause backoff = new Pause();
    private final Thread thread;
    private volatile boolean stopping;
    private int failures;

    /** @param name of the relay and the loop, for the thread and log lines */
    Loop(String name, Turn turn) {
        this(name, turn, () -> {});
    }

    /** @param wake ends the pause of a turn when the loop is to stop */
    Loop(String name, Turn turn, Runnable wake) {
        this.name = name;
        this.turn = turn;
        this.wake = wake;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** Lets the turn under way be the last. */
    void stop() {
        stopping = true;
        backoff.signal();
        wake.run();
    }

    /** Waits for the last turn; interrupts it when it takes longer. */
    void join(Duration atMost) {
        try {
            thread.join(Math.max(1, atMost.toMillis()));
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            try {
                turn.take();
                recovered();
            } catch (InterruptedException e) {
                return;
            } catch (Exception | Error e) {
                if (!failed(e)) {
                    return;
                }
            }
        }
    }

    private void recovered() {
        if (failures > 0) {
            log.info("{}: works again after {} failed tries.", name, failures);
            failures = 0;
        }
    }

    private boolean failed(Throwable e) {
        if (failures++ == 0) {
            log.warn(
                    "{}: {}; what is in the database is kept, and this is tried again until it works.", name, cause(e));
        }
        log.debug("{}: failure {}", name, failures, e);
        try {
            Duration grown = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 6));
            backoff.await(grown.compareTo(LAST_BACKOFF) < 0 ? grown : LAST_BACKOFF);
            return true;
        } catch (InterruptedException interrupted) {
            return false;
        }
    }

    /** In one line. */
    static String cause(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).strip();
        return root.getClass().getSimpleName() + ": "
                + message.lines().findFirst().orElse("");
    }
}
