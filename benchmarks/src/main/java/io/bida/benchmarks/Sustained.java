package io.bida.benchmarks;

import io.bida.benchmarks.Business.Messaging;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether a relay keeps up with producers that commit as fast as they can, and what it costs them. */
@Command(
        name = "sustained",
        description =
                "Producers commit as fast as they can while a relay delivers. Raw: the same producers without it.")
final class Sustained implements Measurement {

    @Option(names = "--connections", description = "of the producers (${DEFAULT-VALUE})")
    private int connections = 8;

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 10;

    private final Samples alone = new Samples();
    private final Samples published = new Samples();
    private final Samples delivered = new Samples();
    private final Samples both = new Samples();
    private final Samples backlog = new Samples();

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database()) {
            Business business = new Business(database);
            RelayProcess relay = run.bench().relay();
            try (Producers producers = new Producers(database, business, connections)) {
                producers.perSecond(Messaging.OUTBOX, time().dividedBy(2));
                run.takeTurns(
                        () -> {
                            business.clear(database);
                            alone.add(producers.perSecond(Messaging.OUTBOX, time()));
                        },
                        () -> {
                            business.clear(database);
                            together(producers, relay, RelayOrder.of(database));
                        });
            }
        }
        run.compare("producers' transactions/s; raw: without a relay", alone, published, Target.NONE);
        run.compare("published and delivered/s; raw: published without a relay", alone, both, Target.NONE);
        run.compare("delivered/s; raw: published/s", published, delivered, Target.NONE);
        run.report("backlog after " + seconds + " s, messages", backlog, Target.NONE);
    }

    private void together(Producers producers, RelayProcess relay, RelayOrder order) throws Exception {
        relay.begin(order);
        double perSecond = producers.perSecond(Messaging.OUTBOX, time());
        double sent = relay.end().sent() / (double) seconds;
        published.add(perSecond);
        delivered.add(sent);
        both.add(Math.min(perSecond, sent));
        backlog.add(Math.max(0, (perSecond - sent) * seconds));
    }

    private Duration time() {
        return Duration.ofSeconds(seconds);
    }
}
