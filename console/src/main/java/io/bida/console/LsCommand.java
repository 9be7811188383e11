package io.bida.console;

import io.bida.outbox.MessageFilter;
import io.bida.outbox.MessagePage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        description = "Lists undelivered messages, oldest first.",
        footer = {"", "Filter words, all of which must fit:", "  " + FilterWord.KNOWN})
@SuppressWarnings("NullAway.Init")
final class LsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private final QueueOptions database;

    @Mixin
    private final OutputOption output = new OutputOption();

    @Parameters(paramLabel = "FILTER", description = "Filter words.")
    private List<String> words = new ArrayList<>();

    @Option(names = "--limit", defaultValue = "50", paramLabel = "N", description = "At most N messages (50).")
    private int limit;

    @Option(names = "--after", paramLabel = "SEQ", description = "Go on after this number.")
    private @Nullable Long after;

    LsCommand(Environment.Variables variables) {
        this.database = new QueueOptions(variables);
    }

    @Override
    public Integer call() {
        MessageFilter filter = FilterWord.filter(spec.commandLine(), words);
        MessagePage page = database.ask(admin -> admin.find(filter, after, limit));
        var out = spec.commandLine().getOut();
        out.print(output.isJson() ? MessageReport.json(page) : MessageReport.table(page));
        out.flush();
        return 0;
    }
}
