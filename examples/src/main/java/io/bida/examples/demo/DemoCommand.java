package io.bida.examples.demo;

import io.bida.message.RefusedException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./bida demo}. Ends with 0 when every invariant holds, with 3 when one is broken. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Run two services on a real database over a failing network, and count what arrived.")
@SuppressWarnings("NullAway.Init")
public final class DemoCommand implements Callable<Integer> {

    private static final int BROKEN = 3;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Orders tried (${DEFAULT-VALUE}).")
    private int messages;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "http",
            description =
                    "What the messages travel by: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}). Brokers are started"
                            + " by the demo.")
    private Way transport = Way.HTTP;

    @Option(names = "--hold", description = "Keep the databases running after the report, for a look.")
    private boolean hold;

    @Override
    public Integer call() throws Exception {
        if (messages < 1) {
            throw new RefusedException("--messages is " + messages + ": at least one order must be tried.");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Demo demo = Demo.start(messages, transport, line -> {
            out.println(line);
            out.flush();
        })) {
            DemoReport report = demo.run();
            out.println(report.text());
            if (hold) {
                out.println(demo.whereToLook());
                out.flush();
                new CountDownLatch(1).await();
            }
            out.flush();
            return report.holds() ? 0 : BROKEN;
        }
    }
}
