package io.bida.benchmarks;

import io.bida.benchmarks.Consumers.Receiving;
import io.bida.benchmarks.StatementCounter.Counts;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the inbox costs the transaction of a handler, what batches give back, and whether a long ledger matters. */
@Command(
        name = "inbox",
        description =
                "Messages whose handler inserts one row, with Inbox.handle. Raw: with a bare insert of the ledger's"
                        + " bytes instead. Then Inbox.handleAll beside it, and Inbox.handle with a long ledger.")
final class Consumer implements Measurement {

    private static final int COUNTED = 1_000;

    @Option(names = "--connections", split = ",", description = "each number by itself (${DEFAULT-VALUE})")
    private List<Integer> connections = List.of(1, 8);

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 3;

    @Option(names = "--batch", description = "messages in one transaction (${DEFAULT-VALUE})")
    private int batch = 100;

    @Option(names = "--ledger", description = "messages handled before; also compared to none (none)")
    private int ledger;

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database();
                Consumers one = new Consumers(database, 1, batch, 0)) {
            count(run, one);
        }
        for (int each : connections) {
            String words = ", " + each + (each == 1 ? " connection" : " connections");
            try (Database database = run.bench().database();
                    Consumers consumers = new Consumers(database, each, batch, 0)) {
                measure(run, consumers, words);
                if (ledger > 0) {
                    try (Database filled = run.bench().database();
                            Consumers late = new Consumers(filled, each, batch, ledger)) {
                        compareLedgers(run, consumers, late, words);
                    }
                }
            }
        }
    }

    private void measure(Run run, Consumers consumers, String words) throws Exception {
        Samples bare = new Samples();
        Samples oneByOne = new Samples();
        Samples batches = new Samples();
        Samples inBulk = new Samples();
        for (Receiving warm : Receiving.values()) {
            consumers.perSecond(warm, time().multipliedBy(3));
        }
        run.takeTurns(
                () -> bare.add(perSecond(consumers, Receiving.BARE)),
                () -> oneByOne.add(perSecond(consumers, Receiving.ONE_BY_ONE)),
                () -> batches.add(perSecond(consumers, Receiving.BATCHES)),
                () -> inBulk.add(perSecond(consumers, Receiving.BATCHES_IN_BULK)));
        run.compare("handled/s" + words + "; raw: bare insert", bare, oneByOne, Target.ratioAtLeast(0.85));
        String against = words + "; raw: one by one";
        run.compare("handled/s, batches of " + batch + against, oneByOne, batches, Target.ratioAtLeast(3));
        run.compare(
                "handled/s, batches of " + batch + ", handler in bulk" + against,
                oneByOne,
                inBulk,
                Target.ratioAtLeast(6));
    }

    private static void count(Run run, Consumers one) throws Exception {
        try (StatementCounter counter = run.bench().counter()) {
            Counts bare = counted(counter, one, Receiving.BARE);
            Counts inbox = counted(counter, one, Receiving.ONE_BY_ONE);
            run.compare(
                    "statements per message, without COMMIT",
                    perMessage(bare.all() - bare.commits()),
                    perMessage(inbox.all() - inbox.commits()),
                    Target.moreAtMost(2));
            run.compare(
                    "commits per message",
                    perMessage(bare.commits()),
                    perMessage(inbox.commits()),
                    Target.moreAtMost(0));
        }
    }

    private static Counts counted(StatementCounter counter, Consumers one, Receiving receiving) throws Exception {
        one.consume(receiving);
        Counts before = counter.read();
        for (int i = 0; i < COUNTED; i++) {
            one.consume(receiving);
        }
        return counter.read().since(before);
    }

    private static Samples perMessage(long statements) {
        return Samples.of(statements / (double) COUNTED);
    }

    private void compareLedgers(Run run, Consumers none, Consumers late, String words) throws Exception {
        Samples withNone = new Samples();
        Samples withMany = new Samples();
        late.perSecond(Receiving.ONE_BY_ONE, time());
        run.takeTurns(
                () -> withNone.add(perSecond(none, Receiving.ONE_BY_ONE)),
                () -> withMany.add(perSecond(late, Receiving.ONE_BY_ONE)));
        run.compare(
                "handled/s, %,d in the ledger".formatted(ledger) + words + "; raw: none",
                withNone,
                withMany,
                Target.ratioAtLeast(0.80));
    }

    private double perSecond(Consumers consumers, Receiving receiving) throws Exception {
        consumers.clear();
        return consumers.perSecond(receiving, time());
    }

    private Duration time() {
        return Duration.ofSeconds(seconds);
    }
}
