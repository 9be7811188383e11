package io.bida.compatibility;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.inbox.EntityVersion;
import io.bida.inbox.Handler;
import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A handler that sees of each entity only what is newer, on every database. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class InboxVersionContractTest {

    private static final Answer HANDLED = new Answer.Handled();
    private static final Handler EFFECT = (tx, m) ->
            tx.execute("INSERT INTO effect (name) VALUES (?)", m.bizId().value());

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Schema schema;
    private final Inbox inbox;

    InboxVersionContractTest(Store store) {
        schema = new Schema(store);
        schema.jdbi.useHandle(tx -> tx.execute("CREATE TABLE effect (name VARCHAR(100) NOT NULL)"));
        inbox = Inbox.forGroup("points").on(schema.jdbi).build();
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
        schema.close();
    }

    @Test
    void whatIsNotNewerIsSkippedAndSaysSo() {
        assertThat(handle("a", 2, EFFECT)).isEqualTo(HANDLED);
        assertThat(handle("b", 7, EFFECT)).isEqualTo(HANDLED);
        assertThat(handle("a", 3, EFFECT)).isEqualTo(HANDLED);

        Answer skipped = new Answer.Handled("skipped: version 1 of 'a' is not newer than what was handled");
        assertThat(handle("a", 1, EFFECT)).isEqualTo(skipped);
        assertThat(handle("a", 1, EFFECT)).isEqualTo(new Answer.Duplicate(((Answer.Handled) skipped).outcome()));
        assertThat(inbox.handle(message("again", "3"), versioned("a", EFFECT)))
                .isEqualTo(new Answer.Handled("skipped: version 3 of 'a' is not newer than what was handled"));
        assertThat(effects()).containsExactly("a-2", "a-3", "b-7");
    }

    @Test
    void eachGroupHasItsOwnVersions() {
        Inbox other = Inbox.forGroup("Points").on(schema.jdbi).build();
        Message message = message("a-2", "2");
        handle("a", 3, EFFECT);

        Answer answer =
                other.handle(message, other.newerOnly(m -> EntityVersion.fromHeader(m, "version", "a"), EFFECT));

        assertThat(answer).isEqualTo(HANDLED);
    }

    @Test
    void aVersionThatCannotBeReadIsRejected() {
        assertThat(inbox.handle(message("a-1", "soon"), versioned("a", EFFECT))).isInstanceOf(Answer.Rejected.class);
        assertThat(schema.count("bida_inbox_version")).isZero();
    }

    @Test
    void aHandlerThatFailsTakesTheVersionBackWithIt() {
        Answer answer = handle("a", 5, (tx, m) -> {
            throw new IllegalStateException("no such account");
        });

        assertThat(answer).isInstanceOf(Answer.Retry.class);
        assertThat(handle("a", 4, EFFECT)).isEqualTo(HANDLED);
        assertThat(handle("a", 5, EFFECT)).isEqualTo(HANDLED);
    }

    @Test
    void ofTwoFirstVersionsAtOnceTheLaterWaitsAndTheOlderIsSkipped() throws Exception {
        assertThat(secondAnswer(2, EFFECT, 1)).asString().contains("skipped: version 1");
        assertThat(effects()).containsExactly("a-2");
    }

    @Test
    void ofTwoFirstVersionsAtOnceTheNewerIsHandledAfterTheOlder() throws Exception {
        assertThat(secondAnswer(1, EFFECT, 2)).isEqualTo(HANDLED);
        assertThat(effects()).containsExactly("a-1", "a-2");
    }

    @Test
    void anOlderVersionIsHandledWhenTheNewerOneThatItWaitedForRolledBack() throws Exception {
        Answer second = secondAnswer(
                2,
                (tx, m) -> {
                    throw new IllegalStateException("the first fails");
                },
                1);

        assertThat(second).isEqualTo(HANDLED);
        assertThat(effects()).containsExactly("a-1");
    }

    @Test
    void ofTwoLaterVersionsAtOnceTheOlderIsSkipped() throws Exception {
        handle("a", 1, EFFECT);

        assertThat(secondAnswer(3, EFFECT, 2)).asString().contains("skipped: version 2");
        assertThat(effects()).containsExactly("a-1", "a-3");
    }

    /** An older version could come no later, or it could take effect twice anyway. */
    @Test
    void aVersionIsForgottenWhenNothingHasMovedItOnForTheRetention() {
        handle("still", 1, EFFECT);
        handle("moved", 1, EFFECT);
        String retention = schema.database.dialect().nowPlus(String.valueOf(TimeUnit.DAYS.toMicros(30)));
        String past = schema.database.dialect().nowPlus("-1");
        assertThat(schema.count("bida_inbox_version WHERE expires_at > " + retention))
                .isEqualTo(2);
        schema.jdbi.useHandle(tx -> tx.execute("UPDATE bida_inbox_version SET expires_at = " + past));
        handle("moved", 2, EFFECT);

        assertThat(inbox.purge(100)).isEqualTo(1);

        assertThat(schema.count("bida_inbox_version WHERE expires_at > " + retention))
                .isEqualTo(1);
        assertThat(inbox.handle(message("again", "1"), versioned("moved", EFFECT)))
                .asString()
                .contains("skipped: version 1 of 'moved'");
        assertThat(handle("still", 0, EFFECT)).isEqualTo(HANDLED);
    }

    /** However few rows there are: a scan would wait for every open handler. */
    @Test
    void neitherAVersionNorAnOutcomeWaitsForWhatIsHandledOfOtherEntities() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch opened = new CountDownLatch(1);
        Future<Answer> first = threads.submit(() -> handle("a", 2, held(reached, opened, EFFECT)));
        assertThat(reached.await(30, SECONDS)).isTrue();

        Future<Answer> handled = threads.submit(() -> handle("b", 2, EFFECT));
        assertThat(handled.get(30, SECONDS)).isEqualTo(HANDLED);
        Future<Answer> skipped = threads.submit(() -> handle("b", 1, EFFECT));
        assertThat(skipped.get(30, SECONDS)).asString().contains("skipped");

        opened.countDown();
        assertThat(first.get(30, SECONDS)).isEqualTo(HANDLED);
    }

    /** The answer to a version that comes while another one of the entity is in its handler. */
    private Answer secondAnswer(int firstVersion, Handler first, int secondVersion) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch opened = new CountDownLatch(1);
        Future<Answer> one = threads.submit(() -> handle("a", firstVersion, held(reached, opened, first)));
        assertThat(reached.await(30, SECONDS)).isTrue();
        Future<Answer> two = threads.submit(() -> handle("a", secondVersion, EFFECT));
        assertThatThrownBy(() -> two.get(300, MILLISECONDS)).isInstanceOf(TimeoutException.class);

        opened.countDown();

        one.get(30, SECONDS);
        return two.get(30, SECONDS);
    }

    private static Handler held(CountDownLatch reached, CountDownLatch opened, Handler then) {
        return (tx, m) -> {
            reached.countDown();
            assertThat(opened.await(30, SECONDS)).isTrue();
            then.handle(tx, m);
        };
    }

    private Answer handle(String entity, int version, Handler handler) {
        return inbox.handle(message(entity + "-" + version, String.valueOf(version)), versioned(entity, handler));
    }

    private Handler versioned(String entity, Handler handler) {
        return inbox.newerOnly(m -> EntityVersion.fromHeader(m, "version", entity), handler);
    }

    private static Message message(String bizId, String version) {
        return Message.to("orders")
                .type("OrderChanged")
                .bizId(bizId)
                .headers(Map.of("version", version))
                .payload("{}")
                .build();
    }

    private List<String> effects() {
        return schema.strings("SELECT name FROM effect ORDER BY name");
    }
}
