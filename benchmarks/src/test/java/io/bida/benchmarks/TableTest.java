package io.bida.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void everyLineOfMarkdownHasAllColumns() {
        assertThat(table().markdown().lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line.split("\\|", -1)).hasSize(Row.HEADINGS.size() + 2));
    }

    @Test
    void theColumnsOfTheTextStandBelowEachOther() {
        assertThat(table().text().lines().map(line -> line.indexOf("drain --messages")))
                .containsExactly(-1, 16, 16);
    }

    private static Table table() {
        Table table = new Table();
        table.add(new Row("messages/s", "drain --messages 1", Samples.of(2), Samples.of(1), Target.NONE));
        table.add(new Row("peak heap, MiB", "drain --messages 1", null, Samples.of(1), Target.atMost(512)));
        return table;
    }
}
