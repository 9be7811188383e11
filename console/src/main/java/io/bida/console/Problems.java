package io.bida.console;

import io.bida.message.BidaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong with one configuration file: all of it, so that it is mended in one go. For one thread. */
final class Problems {

    private record Problem(int line, String sentence) {}

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    void add(int line, String sentence) {
        problems.add(new Problem(line, sentence));
    }

    /** Throws all that was added, one sentence a line, in the order of the file. */
    void refuseAny() {
        if (!problems.isEmpty()) {
            throw new BidaException(problems.stream()
                    .sorted(Comparator.comparingInt(Problem::line))
                    .map(problem -> file + ", line " + problem.line() + ": " + problem.sentence())
                    .collect(Collectors.joining("\n")));
        }
    }
}
