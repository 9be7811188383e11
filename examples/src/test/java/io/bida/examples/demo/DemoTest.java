package io.bida.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DemoTest {

    @Test
    void theDemoEndsWithEveryCommittedOrderInEffectOnce() {
        StringWriter out = new StringWriter();
        int exitCode = new CommandLine(new DemoCommand())
                .setOut(new PrintWriter(out, true))
                .execute("--messages", "200");

        assertThat(out.toString())
                .contains("committed: 180", "rolled back: 20", "sent: 180", "lost: 0", "effects: 180", "orders: 180")
                .containsPattern("re-sent: \\d+\\R")
                .containsPattern("duplicates absorbed: [1-9]");
        assertThat(exitCode).isZero();
    }

    @Test
    void overABrokerThatIsKilledItEndsAlike() {
        StringWriter out = new StringWriter();
        int exitCode = new CommandLine(new DemoCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .execute("--messages", "200", "--transport", "nats");

        assertThat(out.toString())
                .contains("the broker is killed in the middle and comes back")
                .contains("committed: 180", "sent: 180", "lost: 0", "effects: 180", "orders: 180");
        assertThat(exitCode).isZero();
    }

    @Test
    void aReportThatDoesNotHoldSaysWhatIsBroken() {
        DemoReport report = new DemoReport(10, 9, 9, 0, 0, 1, 8, 0, 0);

        assertThat(report.holds()).isFalse();
        assertThat(report.text()).contains("BROKEN: 1 committed orders had no effect; 8 effects came of 9 orders.");
    }
}
