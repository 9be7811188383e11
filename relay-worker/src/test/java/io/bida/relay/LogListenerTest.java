package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bida.message.MessageId;
import io.bida.outbox.DurableQueue;
import io.bida.relay.RelayListener.Attempt;
import io.bida.relay.RelayListener.Overview;
import io.bida.relay.RelayListener.Standing;
import io.bida.transport.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogListenerTest {

    private static final Overview LATE =
            new Overview(Map.of("web", new Standing(Optional.of(Duration.ofSeconds(125)), 3, false)), 3, 0, Map.of());

    private final Logger logger = (Logger) LoggerFactory.getLogger(Relay.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final LogListener listener = new LogListener("orders-relay", DurableQueue.OUTBOX);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
    }

    @Test
    void theFirstFailureIsToldAtOnceTheNextAsACountAndTheRecovery() {
        attempt(new Receipt.Failed("HTTP 503", null));
        assertThat(told()).singleElement().asString().contains("web did not take a message: HTTP 503.");
        attempt(new Receipt.Failed("HTTP 503", null));
        attempt(new Receipt.Accepted("204"));
        assertThat(told()).as("no line per message").hasSize(1);
        listener.looked(LATE);
        assertThat(told())
                .endsWith("orders-relay: 2 of 3 attempts not taken by web in the last 10 s, oldest due 2 min 5 s ago;"
                        + " the last: HTTP 503.");
        attempt(new Receipt.Accepted("204"));
        listener.looked(LATE);
        assertThat(told()).hasSize(3).endsWith("orders-relay: web took all of its last 1 messages.");
        listener.looked(LATE);
        assertThat(told()).as("nothing happened").hasSize(3);
    }

    @Test
    void ofManyDeadMessagesTheFirstIsNamedAndTheOthersAreCounted() {
        for (int i = 0; i < 42; i++) {
            listener.died(MessageId.next(), "orders", "HTTP 400");
        }
        listener.looked(LATE);
        assertThat(told()).hasSize(2);
        assertThat(told().get(0)).contains("of orders is DEAD: HTTP 400.");
        assertThat(told().get(1)).startsWith("orders-relay: 41 more messages are DEAD");
    }

    private void attempt(Receipt receipt) {
        listener.attempted(new Attempt("web", receipt, Duration.ofMillis(1), Optional.empty()));
    }

    private List<String> told() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
