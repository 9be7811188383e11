package io.bida.console;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;

/** The command line in this process, and what it said. */
final class Cli {

    final Map<String, String> variables = new HashMap<>();

    record Said(int code, String out, String err) {}

    Said run(String... arguments) {
        return run(BidaCommand.commandLine(variables::get), arguments);
    }

    static Said run(CommandLine command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Said(code, out.toString().replace("\r", ""), err.toString().replace("\r", ""));
    }
}
