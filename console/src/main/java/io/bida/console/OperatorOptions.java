package io.bida.console;

import io.bida.outbox.Operator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who changes something and why, for the audit. */
final class OperatorOptions {

    @Option(names = "--as", paramLabel = "NAME", description = "Who does this, for the audit (the system's user).")
    private @Nullable String name;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
    private @Nullable String reason;

    Operator operator() {
        return new Operator(name == null ? System.getProperty("user.name", "unknown") : name, reason);
    }
}
