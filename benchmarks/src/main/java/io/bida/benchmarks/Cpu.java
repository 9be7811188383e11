package io.bida.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The processor time of a process so far, in seconds. */
final class Cpu {

    private static final double TICKS_PER_SECOND = 100;

    private Cpu() {}

    static double ofThisProcess() {
        return of(ProcessHandle.current());
    }

    static double of(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    /** With its children, those that have ended too, as Linux tells it. */
    static double withChildren(long pid) throws IOException {
        double seconds = ticks(pid) / TICKS_PER_SECOND;
        for (ProcessHandle child : ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .toList()) {
            seconds += of(child);
        }
        return seconds;
    }

    /** In user and system mode, its own and those of the children it has buried. */
    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
        // The name, which stands in brackets as the second field, may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int field = 11; field <= 14; field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks;
    }
}
