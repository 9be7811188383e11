package io.bida.relay;

import io.bida.message.BidaException;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerConfigException;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.Trigger.TriggerState;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.core.QuartzScheduler;
import org.quartz.core.QuartzSchedulerResources;
import org.quartz.impl.DefaultThreadExecutor;
import org.quartz.impl.StdJobRunShellFactory;
import org.quartz.impl.StdScheduler;
import org.quartz.impl.jdbcjobstore.InvalidConfigurationException;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.jdbcjobstore.StdJDBCDelegate;
import org.quartz.impl.jdbcjobstore.StdRowLockSemaphore;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.simpl.CascadingClassLoadHelper;
import org.quartz.simpl.SimpleThreadPool;
import org.quartz.spi.ClassLoadHelper;

/**
 * Runs the jobs that remove what is kept for a time only, on Quartz's clustered job store: of all relays of a database
 * one runs each job, and when it ends half-way another goes on at the next time.
 *
 * <ol>
 *   <li>Each relay writes its jobs into the store when it starts: when they run and how long rows are kept is what the
 *       relay says that started last, whichever relay runs them.
 *   <li>A trigger has the name of its expression. Another expression is another trigger, so that a relay that is about
 *       to fire the old one finds it gone.
 *   <li>Everything goes through one connection. What Quartz asks while nothing is due, is asked seldom.
 * </ol>
 */
final class Housekeeper implements AutoCloseable {

    /** Of the scheduler in the job store: the same for all relays of a database, and for all workers of its inbox. */
    private static final String OUTBOX = "bida";

    private static final String INBOX = "bida-inbox";

    private static final String TABLES = "BIDA_QRTZ_";
    private static final int BATCH = 1_000;

    /** Of the time, by resting as long as a deletion took. */
    private static final int HALF = 1;

    /** Where consumers wait for each commit; faster still than they can fill what is purged. */
    private static final int SEVENTH = 6;

    private static final Duration LOCK_WAIT = Duration.ofSeconds(3);
    private static final Duration STUCK = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final Duration MEND = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration END = Duration.ofSeconds(3);
    private static final Duration WEEK = Duration.ofDays(7);

    private final RelaySettings settings;
    private final Dialect dialect;
    private final String node;
    private final KeptConnection connection;
    private final Map<String, HousekeepingJob> jobs = new LinkedHashMap<>();
    private final Pause pause = new Pause();
    private volatile @Nullable Scheduler scheduler;

    Housekeeper(RelaySettings settings, Dialect dialect, String node) {
        this.settings = settings;
        this.dialect = dialect;
        this.node = node;
        this.connection =
                new KeptConnection(Session.bounded(settings.dataSource(), dialect, LOCK_WAIT, stuck(settings)));
        HousekeepingStore store = new HousekeepingStore(dialect, settings.queue(), node, BATCH);
        job("history", store, HALF, store::history);
        job("attempts", store, HALF, store::attempts);
        job(
                "ledger",
                store,
                SEVENTH,
                (handle, after, kept) -> store.ledger(handle, after),
                (handle, after, kept) -> store.conflicts(handle, after),
                (handle, after, kept) -> store.versions(handle, after));
        job("sweep", store, HALF, store::cancelled, (handle, after, kept) -> store.leftovers(handle));
    }

    /** Longer than it stands idle between two looks: some servers end an idle session as they end an idle transaction. */
    private static Duration stuck(RelaySettings settings) {
        Duration checkIns = settings.lease().multipliedBy(10);
        return checkIns.compareTo(STUCK) < 0 ? STUCK : checkIns;
    }

    private void job(String name, HousekeepingStore store, int rests, HousekeepingJob.Step... steps) {
        jobs.put(name, new HousekeepingJob(settings.name() + " housekeeping " + name, connection, store, rests, steps));
    }

    /** Starts what does not run yet, or mends what stands still, and sleeps. */
    void turn() throws SchedulerException, InterruptedException {
        Scheduler running = scheduler;
        if (running == null) {
            start();
        } else {
            mend(running);
        }
        pause.await(MEND);
    }

    /** Quartz sets a trigger aside when it could not read its job, and does not come back to it by itself. */
    private static void mend(Scheduler scheduler) throws SchedulerException {
        for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup())) {
            if (scheduler.getTriggerState(key) == TriggerState.ERROR) {
                scheduler.resetTriggerFromErrorState(key);
            }
        }
    }

    private void start() {
        try {
            Scheduler opened = open();
            scheduler = opened;
            schedule(opened);
            opened.start();
        } catch (SchedulerException e) {
            bounded(this::shutDown);
            throw new BidaException("messages are shipped, but nothing old is removed (" + Loop.cause(e)
                    + "); if tables " + TABLES + "... are missing, './bida migrate' creates them");
        }
    }

    /** Lets the batch under way be the last. */
    void stop() {
        jobs.values().forEach(HousekeepingJob::stop);
        pause.signal();
    }

    /** Not by Quartz's factories, which know one scheduler of a name in a process. */
    private Scheduler open() throws SchedulerException {
        SimpleThreadPool threads = new SimpleThreadPool(1, Thread.NORM_PRIORITY);
        threads.setThreadNamePrefix(settings.name() + " housekeeping job");
        threads.setMakeThreadsDaemons(true);
        threads.initialize();
        StdJobRunShellFactory shells = new StdJobRunShellFactory();
        KeptJobStore store = store();
        QuartzSchedulerResources resources = new QuartzSchedulerResources();
        resources.setName(node);
        resources.setInstanceId(node);
        resources.setMakeSchedulerThreadDaemon(true);
        resources.setJobRunShellFactory(shells);
        resources.setThreadPool(threads);
        resources.setThreadExecutor(new DefaultThreadExecutor());
        resources.setJobStore(store);
        QuartzScheduler quartz = new QuartzScheduler(resources, LOOK.toMillis(), RETRY.toMillis());
        ClassLoadHelper classes = new CascadingClassLoadHelper();
        classes.initialize();
        store.initialize(classes, quartz.getSchedulerSignaler());
        Scheduler scheduler = new StdScheduler(quartz);
        shells.initialize(scheduler);
        quartz.initialize();
        scheduler.setJobFactory(
                (fired, own) -> jobs.get(fired.getJobDetail().getKey().getName()));
        return scheduler;
    }

    private KeptJobStore store() throws SchedulerConfigException {
        KeptJobStore store = new KeptJobStore(connection);
        store.setInstanceName(settings.queue().isShared() ? INBOX : OUTBOX);
        store.setInstanceId(node);
        store.setTablePrefix(TABLES);
        store.setLockHandler(locks(store));
        try {
            store.setDriverDelegateClass(
                    (dialect.name().equals("postgresql") ? PostgreSQLDelegate.class : StdJDBCDelegate.class).getName());
        } catch (InvalidConfigurationException e) {
            throw new SchedulerConfigException(String.valueOf(e.getMessage()), e);
        }
        store.setUseProperties("true");
        store.setIsClustered(true);
        store.setClusterCheckinInterval(settings.lease().multipliedBy(3).toMillis());
        store.setMisfireThreshold(LOOK.toMillis());
        store.setDbRetryInterval(RETRY.toMillis());
        store.setMakeThreadsDaemons(true);
        store.setThreadPoolSize(1);
        return store;
    }

    /** What does not work in one transaction is tried again in another, and not, as Quartz has it, in the same. */
    private static StdRowLockSemaphore locks(KeptJobStore store) {
        StdRowLockSemaphore locks = new StdRowLockSemaphore(TABLES, store.getInstanceName(), null);
        locks.setMaxRetry(1);
        return locks;
    }

    private void schedule(Scheduler scheduler) throws SchedulerException {
        Housekeeping plan = settings.housekeeping();
        Duration history = settings.history();
        Duration longer = history.compareTo(WEEK) > 0 ? history : WEEK;
        if (!settings.queue().isShared()) {
            schedule(scheduler, "history", plan.history(), history);
        }
        schedule(scheduler, "attempts", plan.attempts(), longer);
        schedule(scheduler, "ledger", plan.ledger(), Duration.ZERO);
        schedule(scheduler, "sweep", plan.sweep(), longer);
    }

    private static void schedule(Scheduler scheduler, String name, String cron, Duration kept)
            throws SchedulerException {
        JobKey key = JobKey.jobKey(name);
        if (cron.equals(Housekeeping.OFF)) {
            scheduler.deleteJob(key);
            return;
        }
        JobDetail job = JobBuilder.newJob(HousekeepingJob.class)
                .withIdentity(key)
                .usingJobData(HousekeepingJob.KEPT, kept.toString())
                .storeDurably()
                .build();
        scheduler.addJob(job, true);
        TriggerKey wanted = TriggerKey.triggerKey(cron, name);
        for (Trigger other : scheduler.getTriggersOfJob(key)) {
            if (!other.getKey().equals(wanted)) {
                scheduler.unscheduleJob(other.getKey());
            }
        }
        TriggerState state = scheduler.getTriggerState(wanted);
        if (state == TriggerState.NONE || state == TriggerState.ERROR) {
            Trigger trigger = TriggerBuilder.newTrigger()
                    .withIdentity(wanted)
                    .forJob(key)
                    .withSchedule(CronScheduleBuilder.cronSchedule(cron).inTimeZone(TimeZone.getTimeZone("UTC")))
                    .build();
            scheduler.scheduleJob(job, Set.of(trigger), true);
        }
    }

    @Override
    public void close() {
        bounded(() -> {
            shutDown();
            connection.close();
        });
    }

    /** For a database that does not answer must not keep a process from ending. */
    private void bounded(Runnable work) {
        Thread ending = new Thread(work, settings.name() + " housekeeping end");
        ending.setDaemon(true);
        ending.start();
        try {
            ending.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (ending.isAlive()) {
            connection.abort();
        }
    }

    private void shutDown() {
        Scheduler last = scheduler;
        scheduler = null;
        if (last == null) {
            return;
        }
        try {
            last.shutdown(true);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz did not end: " + e.getMessage(), e);
        }
    }
}
