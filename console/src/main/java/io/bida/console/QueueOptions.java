package io.bida.console;

import io.bida.message.BidaException;
import io.bida.outbox.DurableQueue;
import io.bida.outbox.OutboxAdmin;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command about messages: the database, and which of its queues. */
final class QueueOptions {

    private static final int ANSWER_SECONDS = 15;

    @Mixin
    private final DatabaseOptions database;

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "What this consumer group has stored to handle, instead of the outbox.")
    private @Nullable String group;

    QueueOptions(Environment.Variables variables) {
        this.database = new DatabaseOptions(variables);
    }

    /** The option that names the queue, and a space; empty for the outbox. */
    String option() {
        return group == null ? "" : "--group \"" + group + "\" ";
    }

    /** Asks the queue, whatever state the application and its relays are in. */
    <T> T ask(Function<OutboxAdmin, T> question) {
        Login login = new Login(database.settings());
        DurableQueue queue = group == null ? DurableQueue.OUTBOX : DurableQueue.ofGroup(group, false);
        try {
            return question.apply(OutboxAdmin.on(new LoginDataSource(login, ANSWER_SECONDS), queue));
        } catch (BidaException e) {
            throw DatabaseFault.of(e) == DatabaseFault.OTHER ? e : login.explain(e);
        }
    }
}
