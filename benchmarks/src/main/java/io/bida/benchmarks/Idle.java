package io.bida.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a relay costs while there is nothing to do. */
@Command(
        name = "idle",
        description =
                "Statements, counted by the server, and processor time while nothing is published. Raw: no relay.")
final class Idle implements Measurement {

    private static final int CALM_MILLIS = 6_000;
    private static final int MOST_STATEMENTS = 5;

    @Option(names = "--seconds", description = "of each side's round (${DEFAULT-VALUE})")
    private int seconds = 12;

    @Option(names = "--relays", split = ",", description = "each number by itself (${DEFAULT-VALUE})")
    private List<Integer> relays = List.of(1, 2);

    private final Map<Integer, Costs> costs = new TreeMap<>();

    /** Per second, with so many relays. */
    private record Costs(Samples statements, Samples relayCpu, Samples serverCpu) {

        Costs() {
            this(new Samples(), new Samples(), new Samples());
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        try (Database database = run.bench().database();
                StatementCounter counter = run.bench().counter()) {
            List<Rounds.Side> sides = new ArrayList<>();
            sides.add(() -> watch(run.bench(), counter, database, 0));
            relays.forEach(count -> sides.add(() -> watch(run.bench(), counter, database, count)));
            Rounds.take(run.rounds(), sides);
        }
        relays.forEach(count -> report(run, count));
    }

    private void watch(Bench bench, StatementCounter counter, Database database, int count) throws Exception {
        RelayProcess relay = bench.relay();
        if (count > 0) {
            relay.begin(RelayOrder.of(database).withRelays(count));
        }
        Thread.sleep(CALM_MILLIS);
        double relayCpu = relay.cpu();
        double serverCpu = bench.serverCpu();
        var before = counter.read();
        Thread.sleep(seconds * 1_000L);
        Costs each = costs(count);
        each.statements().add(counter.read().since(before).all() / (double) (seconds * Math.max(1, count)));
        each.relayCpu().add((relay.cpu() - relayCpu) * 1e3 / seconds);
        each.serverCpu().add((bench.serverCpu() - serverCpu) * 1e3 / seconds);
        if (count > 0) {
            relay.end();
        }
    }

    private Costs costs(int count) {
        return costs.computeIfAbsent(count, c -> new Costs());
    }

    private void report(Run run, int count) {
        String who = count == 1 ? "1 idle relay" : count + " idle relays";
        Costs none = costs(0);
        Costs some = costs(count);
        run.compare(
                "statements/s per relay, " + who, none.statements(), some.statements(), Target.atMost(MOST_STATEMENTS));
        run.compare("CPU of their process, ms/s, " + who, none.relayCpu(), some.relayCpu(), Target.NONE);
        run.compare("server CPU, ms/s, " + who, none.serverCpu(), some.serverCpu(), Target.NONE);
    }
}
