package io.bida.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Every measurement with its documented settings: a plan is a list of command lines. */
@Command(name = "all", description = "Takes every measurement, with the settings of a plan, into one table.")
final class All {

    /** The plans that there are, each a resource. */
    enum Plan {
        /** What the documentation shows; about 45 minutes. */
        FULL,
        /** Small sizes, to see whether the harness works; its figures mean nothing. */
        SMOKE
    }

    @Option(names = "--plan", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Plan plan = Plan.FULL;

    List<String> plan() {
        return lines(plan);
    }

    /** The command lines of a plan, without its comments. */
    static List<String> lines(Plan plan) {
        String resource = plan.name().toLowerCase(Locale.ROOT) + ".plan";
        try (InputStream in = All.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
