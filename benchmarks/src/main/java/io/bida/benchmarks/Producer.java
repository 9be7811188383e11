package io.bida.benchmarks;

import io.bida.benchmarks.Business.Messaging;
import io.bida.benchmarks.StatementCounter.Counts;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the outbox costs the business transaction. */
@Command(
        name = "producer",
        description =
                "Business transactions of two statements with Outbox.publish. Raw: with a bare insert of the same"
                        + " bytes instead, and with nothing. Then the same with the inbox's door before it, which refuses a duplicate request.")
final class Producer implements Measurement {

    private static final int COUNTED = 1_000;

    @Option(names = "--connections", split = ",", description = "each number by itself (${DEFAULT-VALUE})")
    private List<Integer> connections = List.of(1, 8, 32);

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 3;

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database()) {
            Business business = new Business(database);
            for (int each : connections) {
                try (Producers producers = new Producers(database, business, each)) {
                    rate(run, database, business, producers, each);
                }
            }
            try (Producers one = new Producers(database, business, 1)) {
                count(run, one);
            }
        }
    }

    private void rate(Run run, Database database, Business business, Producers producers, int count) throws Exception {
        Samples none = new Samples();
        Samples bare = new Samples();
        Samples outbox = new Samples();
        Samples once = new Samples();
        Duration time = Duration.ofSeconds(seconds);
        for (Messaging warm : Messaging.values()) {
            producers.perSecond(warm, time.dividedBy(2));
        }
        run.takeTurns(
                () -> none.add(perSecond(database, business, producers, Messaging.NONE)),
                () -> bare.add(perSecond(database, business, producers, Messaging.BARE)),
                () -> outbox.add(perSecond(database, business, producers, Messaging.OUTBOX)),
                () -> once.add(perSecond(database, business, producers, Messaging.OUTBOX_ONCE)));
        String what = "transactions/s, " + count + (count == 1 ? " connection" : " connections");
        run.compare(what + "; raw: bare insert", bare, outbox, Target.ratioAtLeast(0.85));
        run.compare(what + "; raw: no message", none, outbox, Target.ratioAtLeast(0.60));
        run.compare(what + ", a duplicate request is refused; raw: Outbox.publish alone", outbox, once, Target.NONE);
    }

    private double perSecond(Database database, Business business, Producers producers, Messaging messaging)
            throws Exception {
        business.clear(database);
        return producers.perSecond(messaging, Duration.ofSeconds(seconds));
    }

    private static void count(Run run, Producers producers) throws Exception {
        try (StatementCounter counter = run.bench().counter()) {
            Counts none = counted(counter, producers, Messaging.NONE);
            Counts outbox = counted(counter, producers, Messaging.OUTBOX);
            run.compare(
                    "statements per transaction, without COMMIT",
                    perTransaction(none.all() - none.commits()),
                    perTransaction(outbox.all() - outbox.commits()),
                    Target.moreAtMost(1));
            run.compare(
                    "commits per transaction",
                    perTransaction(none.commits()),
                    perTransaction(outbox.commits()),
                    Target.moreAtMost(0));
        }
    }

    private static Samples perTransaction(long statements) {
        return Samples.of(statements / (double) COUNTED);
    }

    private static Counts counted(StatementCounter counter, Producers producers, Messaging messaging) throws Exception {
        producers.transact(messaging);
        Counts before = counter.read();
        for (int i = 0; i < COUNTED; i++) {
            producers.transact(messaging);
        }
        return counter.read().since(before);
    }
}
