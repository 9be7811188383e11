package io.bida.benchmarks;

import io.bida.benchmarks.Traffic.Commit;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Distributions of microseconds. */
final class Delays {

    private static final long LONGEST = 600_000_000;
    private static final int DIGITS = 3;

    private Delays() {}

    /** From each commit's return to the arrival of its message; one that was faster than the return took nothing. */
    static Histogram toArrival(List<Commit> commits, List<Long> arrivals) {
        Histogram delays = new Histogram(LONGEST, DIGITS);
        for (int number = 0; number < commits.size(); number++) {
            long arrivedAt = arrivals.get(number);
            if (arrivedAt == 0) {
                throw new IllegalStateException("message " + number + " did not arrive");
            }
            delays.recordValue(Math.max(0, arrivedAt - commits.get(number).returnedAt()));
        }
        return delays;
    }

    /** Of the commits themselves. */
    static Histogram ofCommits(List<Commit> commits) {
        Histogram delays = new Histogram(LONGEST, DIGITS);
        commits.forEach(commit -> delays.recordValue(Math.max(0, commit.returnedAt() - commit.sentAt())));
        return delays;
    }

    static double millis(Histogram delays, double percentile) {
        return delays.getValueAtPercentile(percentile) / 1e3;
    }
}
