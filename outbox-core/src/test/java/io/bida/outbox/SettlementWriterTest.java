package io.bida.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlementWriterTest {

    @Test
    void aLongTextKeepsItsBeginning() {
        assertThat(SettlementWriter.head("x".repeat(10), 10)).isEqualTo("x".repeat(10));
        assertThat(SettlementWriter.head("x".repeat(11), 10)).isEqualTo("xxxxxxx...");
        assertThat(SettlementWriter.head(null, 10)).isNull();
    }

    /** A receiver's answer with one null character stopped all settlements on PostgreSQL. */
    @Test
    void whatADatabaseRefusesIsReplaced() {
        assertThat(SettlementWriter.head("a\0b", 10)).isEqualTo("a?b");
        assertThat(SettlementWriter.head("a\uD83D", 10)).isEqualTo("a?");
        assertThat(SettlementWriter.head("\uD83D\uDE00", 10)).isEqualTo("\uD83D\uDE00");
        assertThat(SettlementWriter.head("123456\uD83D\uDE00" + "x".repeat(10), 10))
                .isEqualTo("123456?...");
    }
}
