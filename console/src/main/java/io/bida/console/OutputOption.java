package io.bida.console;

import picocli.CommandLine.Option;

/** How an answer is shown. */
final class OutputOption {

    enum Form {
        table,
        json
    }

    @Option(names = "-o", defaultValue = "table", paramLabel = "FORM", description = "table (the default) or json.")
    private Form form = Form.table;

    boolean isJson() {
        return form == Form.json;
    }
}
