package io.bida.relay;

import io.bida.message.MessageId;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.Shards;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an operator what matters, in sentences that begin with the relay's name: the first failure at once, those that
 * follow as a count per look, the recovery.
 */
final class LogListener implements RelayListener {

    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    private final String name;
    /** What the operator's commands end with. */
    private final String of;

    private final Map<String, Tally> tallies = new TreeMap<>();
    private int dead;

    LogListener(String name, DurableQueue queue) {
        this.name = name;
        this.of = queue.group() == null ? "" : " --group " + queue.group();
    }

    /** What one destination answered since the last look. */
    private static final class Tally {
        int attempts;
        int failures;
        String lastReason = "";
        boolean failing;
    }

    @Override
    public synchronized void attempted(Attempt attempt) {
        Tally tally = tallies.computeIfAbsent(attempt.destination(), destination -> new Tally());
        tally.attempts++;
        Fault.of(attempt.receipt()).ifPresent(fault -> {
            tally.failures++;
            tally.lastReason = fault.reason();
            if (!tally.failing) {
                tally.failing = true;
                log.warn(
                        "{}: {} did not take a message: {} It is kept; the route says when it is sent again.",
                        name,
                        attempt.destination(),
                        sentence(fault.reason()));
            }
        });
    }

    @Override
    public synchronized void died(MessageId messageId, String topic, String reason) {
        if (dead++ == 0) {
            log.warn(
                    "{}: message {} of {} is DEAD: {} It is kept until an operator decides; './bida show {}{}' tells more.",
                    name,
                    messageId,
                    topic,
                    sentence(reason),
                    messageId,
                    of);
        }
    }

    @Override
    public void destinationDown(String destination, String reason) {
        log.warn(
                "{}: {} takes nothing at present: {} Its messages wait in the database; single ones are sent as probes.",
                name,
                destination,
                sentence(reason));
    }

    @Override
    public void destinationUp(String destination, Duration wasDown) {
        log.info("{}: {} takes messages again, after {}.", name, destination, words(wasDown));
    }

    @Override
    public void shardsChanged(int held, int lost) {
        if (lost > 0) {
            log.warn(
                    "{}: {} shards were lost to other relays, which send their messages from now on; was this process"
                            + " paused, or cut off from the database?",
                    name,
                    lost);
        }
        log.info("{}: holds {} of {} shards.", name, held, Shards.COUNT);
    }

    @Override
    public synchronized void looked(Overview overview) {
        if (dead > 1) {
            log.warn("{}: {} more messages are DEAD; './bida ls state:DEAD{}' lists them.", name, dead - 1, of);
        }
        dead = 0;
        tallies.forEach((destination, tally) -> tell(destination, tally, overview));
    }

    private void tell(String destination, Tally tally, Overview overview) {
        if (tally.failures > 0) {
            Standing standing = overview.destinations().get(destination);
            log.warn(
                    "{}: {} of {} attempts not taken by {} in the last {} s, oldest due {}; the last: {}",
                    name,
                    tally.failures,
                    tally.attempts,
                    destination,
                    Observer.EVERY.toSeconds(),
                    words(standing == null ? Optional.empty() : standing.oldestDue()),
                    sentence(tally.lastReason));
        } else if (tally.failing && tally.attempts > 0) {
            tally.failing = false;
            log.info("{}: {} took all of its last {} messages.", name, destination, tally.attempts);
        }
        tally.attempts = 0;
        tally.failures = 0;
    }

    private static String words(Optional<Duration> age) {
        return age.map(some -> words(some) + " ago").orElse("none");
    }

    private static String words(Duration duration) {
        return duration.toMinutes() > 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : duration.toMillis() / 1_000.0 + " s";
    }

    private static String sentence(String reason) {
        String stripped = reason.strip();
        return stripped.endsWith(".") ? stripped : stripped + ".";
    }
}
