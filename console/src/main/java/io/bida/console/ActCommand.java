package io.bida.console;

import io.bida.message.BidaException;
import io.bida.message.RefusedException;
import io.bida.outbox.ActionPreview;
import io.bida.outbox.MessageAction;
import io.bida.outbox.MessageFilter;
import io.bida.outbox.Operator;
import io.bida.outbox.OutboxAdmin;
import io.bida.transport.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes the messages that a filter fits; without --yes it only says which. */
@Command(
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Without --yes nothing is changed: it shows what would be.",
            "Filter words, all of which must fit:",
            "  " + FilterWord.KNOWN
        })
@SuppressWarnings("NullAway.Init")
abstract class ActCommand implements Callable<Integer> {

    private final MessageAction action;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final QueueOptions database;

    @Mixin
    private final OutputOption output = new OutputOption();

    @Mixin
    private final OperatorOptions operator = new OperatorOptions();

    @Parameters(paramLabel = "FILTER", description = "Filter words.")
    private List<String> words = new ArrayList<>();

    @Option(names = "--yes", description = "Do it.")
    private boolean yes;

    ActCommand(Environment.Variables variables, MessageAction action) {
        this.database = new QueueOptions(variables);
        this.action = action;
    }

    abstract long act(OutboxAdmin admin, MessageFilter filter, Operator operator);

    /** Before anything is asked of the database. */
    void check() {}

    final ParameterException usage(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    @Override
    public final Integer call() {
        check();
        MessageFilter filter = FilterWord.filter(spec.commandLine(), words);
        var out = spec.commandLine().getOut();
        if (yes) {
            Operator by = operator.operator();
            out.print(ActionReport.done(action, database.ask(admin -> act(admin, filter, by)), output.isJson()));
        } else {
            ActionPreview preview = database.ask(admin -> admin.preview(action, filter));
            out.print(output.isJson() ? ActionReport.json(preview) : ActionReport.table(preview));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "retry",
            description = {
                "Sends messages again now: what is DEAD or waits for its next attempt;",
                "what is SCHEDULED or CANCELLED when the filter names its state or one id."
            })
    static final class Retry extends ActCommand {

        Retry(Environment.Variables variables) {
            super(variables, MessageAction.RETRY);
        }

        @Override
        long act(OutboxAdmin admin, MessageFilter filter, Operator operator) {
            return admin.retry(filter, operator);
        }
    }

    @Command(
            name = "cancel",
            description = {
                "Takes messages back: kept as CANCELLED, sent no more; what is DEAD when the filter names it.",
                "What is under way at that moment may still be delivered."
            })
    static final class Cancel extends ActCommand {

        Cancel(Environment.Variables variables) {
            super(variables, MessageAction.CANCEL);
        }

        @Override
        long act(OutboxAdmin admin, MessageFilter filter, Operator operator) {
            return admin.cancel(filter, operator);
        }
    }

    @Command(name = "discard", description = "Deletes messages that are DEAD or CANCELLED, for good.")
    static final class Discard extends ActCommand {

        Discard(Environment.Variables variables) {
            super(variables, MessageAction.DISCARD);
        }

        @Override
        long act(OutboxAdmin admin, MessageFilter filter, Operator operator) {
            return admin.discard(filter, operator);
        }
    }

    @Command(
            name = "delay",
            description = {
                "Sends messages later: what is SCHEDULED or waits for its next attempt;",
                "what is DEAD or CANCELLED when the filter names its state or one id."
            })
    static final class Delay extends ActCommand {

        @Option(names = "--for", paramLabel = "DURATION", description = "From now, such as 30m.")
        private @Nullable String duration;

        @Option(names = "--until", paramLabel = "TIME", description = "10:15 (UTC, today) or 2026-11-25T10:15:00Z.")
        private @Nullable String time;

        Delay(Environment.Variables variables) {
            super(variables, MessageAction.DELAY);
        }

        @Override
        void check() {
            if ((duration == null) == (time == null)) {
                throw usage("Say for how long with --for, or until when with --until.");
            }
            delay();
        }

        @Override
        long act(OutboxAdmin admin, MessageFilter filter, Operator operator) {
            return admin.delay(filter, delay(), operator);
        }

        private Duration delay() {
            if (duration != null) {
                try {
                    return Durations.parse("--for", duration);
                } catch (BidaException e) {
                    throw usage(String.valueOf(e.getMessage()));
                }
            }
            Instant until = FilterWord.time(time == null ? "" : time);
            Duration delay = Duration.between(Instant.now(), until == null ? Instant.EPOCH : until);
            if (delay.isNegative()) {
                throw new RefusedException(
                        "--until " + time + " is past; nothing was changed. To send now: ./bida retry.");
            }
            return delay;
        }
    }
}
