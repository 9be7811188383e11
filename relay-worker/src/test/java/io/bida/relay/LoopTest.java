package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoopTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Logger logger = (Logger) LoggerFactory.getLogger(Loop.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();

    @BeforeEach
    void listen() {
        told.start();
        logger.addAppender(told);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(told);
    }

    @Test
    void aFailingTurnIsToldOnceAndTriedAgainAndItsRecoveryIsTold() {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch working = new CountDownLatch(1);
        Pause rest = new Pause();
        Loop loop = new Loop("orders claimer", () -> {
            if (turns.incrementAndGet() <= 2) {
                throw new IllegalStateException("outer", new AssertionError("the database is gone\nsecond line"));
            }
            if (turns.get() > 3) {
                working.countDown();
                rest.await(PATIENCE);
            }
        });
        loop.start();
        await().atMost(PATIENCE).until(() -> working.getCount() == 0);
        assertThat(loop.isAlive()).isTrue();
        loop.stop();
        rest.signal();
        loop.join(PATIENCE);

        assertThat(loop.isAlive()).isFalse();
        assertThat(lines())
                .containsExactly(
                        "orders claimer: AssertionError: the database is gone; what is in the database is kept, and"
                                + " this is tried again until it works.",
                        "orders claimer: works again after 2 failed tries.");
    }

    @Test
    void aTurnThatNeverEndsIsInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        Loop loop = new Loop("stuck", () -> {
            begun.countDown();
            new CountDownLatch(1).await();
        });
        loop.start();
        await().atMost(PATIENCE).until(() -> begun.getCount() == 0);
        loop.stop();
        loop.join(Duration.ofMillis(1));
        assertThat(loop.isAlive()).isFalse();
    }

    private List<String> lines() {
        return told.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
