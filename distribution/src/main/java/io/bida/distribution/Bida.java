package io.bida.distribution;

import io.bida.console.BidaCommand;
import io.bida.examples.demo.DemoCommand;

/** The program behind {@code ./bida}. */
public final class Bida {

    private Bida() {}

    public static void main(String[] arguments) {
        System.exit(BidaCommand.commandLine()
                .addSubcommand(new DemoCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
