package io.bida.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command; one table out. */
@Command(name = "benchmarks", mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
public final class Benchmarks implements Callable<Integer> {

    @Option(names = "--server", defaultValue = "mariadb")
    private String server;

    @Option(names = "--messages", defaultValue = "100000")
    private int messages;

    @Option(names = "--keys", defaultValue = "0")
    private int keys;

    @Option(names = "--history")
    private boolean history;

    @Option(names = "--rounds", defaultValue = "5")
    private int rounds;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Benchmarks()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Bench bench = new Bench(server)) {
            List<Double> raw = new ArrayList<>();
            List<Double> relayed = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                bench.fill(messages, keys);
                raw.add(Drain.raw(bench, messages));
                bench.fill(messages, keys);
                relayed.add(Drain.relayed(bench, messages, history));
                System.out.printf(
                        "%s %d messages, %d keys: raw %.0f/s, relay %.0f/s, ratio %.2f%n",
                        server,
                        messages,
                        keys,
                        raw.get(round),
                        relayed.get(round),
                        relayed.get(round) / raw.get(round));
            }
            System.out.printf(
                    "median: raw %.0f/s, relay %.0f/s, ratio %.2f%n",
                    Drain.median(raw), Drain.median(relayed), Drain.median(relayed) / Drain.median(raw));
        }
        return 0;
    }
}
