package io.bida.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoredTextTest {

    @Test
    void aLongTextKeepsItsBeginning() {
        assertThat(StoredText.head("x".repeat(10), 10)).isEqualTo("x".repeat(10));
        assertThat(StoredText.head("x".repeat(11), 10)).isEqualTo("xxxxxxx...");
        assertThat(StoredText.head(null, 10)).isNull();
    }

    /** A receiver's answer with one null character stopped all settlements on PostgreSQL. */
    @Test
    void whatADatabaseRefusesIsReplaced() {
        assertThat(StoredText.head("a\0b", 10)).isEqualTo("a?b");
        assertThat(StoredText.head("a\uD83D", 10)).isEqualTo("a?");
        assertThat(StoredText.head("\uD83D\uDE00", 10)).isEqualTo("\uD83D\uDE00");
        assertThat(StoredText.head("123456\uD83D\uDE00" + "x".repeat(10), 10)).isEqualTo("123456?...");
    }
}
