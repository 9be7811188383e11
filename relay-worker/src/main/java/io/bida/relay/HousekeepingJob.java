package io.bida.relay;

import io.bida.relay.HousekeepingStore.Batch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job of housekeeping: deletes in small transactions, rests after each, waits a little for who holds a row, and
 * leaves what it could not delete to its next run. A failure is told once, and so is its end.
 */
@DisallowConcurrentExecution
final class HousekeepingJob implements Job {

    /** Of the job's data: how long rows are kept. */
    static final String KEPT = "kept";

    /** Deletes a batch after the one before, of rows that were kept so long. */
    interface Step {
        Batch delete(Handle handle, Batch after, Duration kept);
    }

    private static final Logger log = LoggerFactory.getLogger(HousekeepingJob.class);
    private static final Duration BLOCKED = Duration.ofSeconds(1);
    private static final int MOST_BLOCKED = 5;

    private final String name;
    private final KeptConnection connection;
    private final HousekeepingStore store;
    private final int rests;
    private final List<Step> steps;
    private final Pause pause = new Pause();
    private volatile boolean stopping;
    private int failures;

    /**
     * @param name of the relay and the job, for log lines
     * @param rests how many times as long as a deletion took it rests after it
     */
    HousekeepingJob(String name, KeptConnection connection, HousekeepingStore store, int rests, Step... steps) {
        this.name = name;
        this.connection = connection;
        this.store = store;
        this.rests = rests;
        this.steps = List.of(steps);
    }

    /** Lets the batch under way be the last. */
    void stop() {
        stopping = true;
        pause.signal();
    }

    @Override
    public void execute(JobExecutionContext context) {
        try {
            run(Duration.parse(context.getMergedJobDataMap().getString(KEPT)));
            recovered();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception | Error e) {
            failed(e);
        }
    }

    private void run(Duration kept) throws InterruptedException, SQLException {
        for (Step step : steps) {
            int rows = 0;
            int blocked = 0;
            Batch batch = Batch.NONE_YET;
            while (!batch.last() && blocked < MOST_BLOCKED && !stopping) {
                long begin = System.nanoTime();
                try {
                    Batch before = batch;
                    batch = connection.transact(handle -> step.delete(handle, before, kept));
                    rows += batch.rows();
                    pause.await(Duration.ofNanos((System.nanoTime() - begin) * rests));
                } catch (RuntimeException e) {
                    if (!store.isLockWait(e)) {
                        throw e;
                    }
                    blocked++;
                    pause.await(BLOCKED);
                }
            }
            log.debug("{}: {} rows deleted, blocked {} times.", name, rows, blocked);
        }
    }

    private void recovered() {
        if (failures > 0) {
            log.info("{}: works again after {} failed runs.", name, failures);
            failures = 0;
        }
    }

    private void failed(Throwable e) {
        if (failures++ == 0 && !stopping) {
            log.warn("{}: {}; nothing that is needed was deleted, and its next run tries again.", name, Loop.cause(e));
        }
        log.debug("{}: failure {}", name, failures, e);
    }
}
