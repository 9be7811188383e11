package io.bida.console;

import io.bida.message.BidaException;
import io.bida.message.MessageId;
import io.bida.outbox.MessageTrace;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows one message: where it is and why, its failed attempts, its delivery.")
@SuppressWarnings("NullAway.Init")
final class ShowCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private final QueueOptions database;

    @Mixin
    private final OutputOption output = new OutputOption();

    @Mixin
    private final OperatorOptions operator = new OperatorOptions();

    @Parameters(paramLabel = "ID", description = "The message id.")
    private String id;

    @Option(names = "--reveal", description = "Show headers and payload as well; recorded in the audit.")
    private boolean reveal;

    ShowCommand(Environment.Variables variables) {
        this.database = new QueueOptions(variables);
    }

    @Override
    public Integer call() {
        MessageTrace trace = known(database, id);
        Optional<MessageTrace.Content> content =
                reveal ? database.ask(admin -> admin.reveal(trace.id(), operator.operator())) : Optional.empty();
        String why = Why.sentence(trace, database.option());
        var out = spec.commandLine().getOut();
        out.print(output.isJson() ? TraceReport.json(trace, why, content) : TraceReport.table(trace, why, content));
        out.flush();
        return 0;
    }

    static MessageTrace known(QueueOptions database, String id) {
        MessageId messageId = MessageId.parse(id.startsWith("id:") ? id.substring("id:".length()) : id);
        MessageTrace trace = database.ask(admin -> admin.trace(messageId));
        if (!trace.isKnown()) {
            throw new BidaException("No message " + messageId + " is in the outbox"
                    + Why.unseen(trace, database.option()) + ", nor in the history as far as it was looked through; a"
                    + " delivered message is remembered as long as relay.history says.");
        }
        return trace;
    }
}
