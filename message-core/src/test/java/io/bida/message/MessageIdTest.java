package io.bida.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageIdTest {

    private static final String TEXT = "01890a5d-ac96-774b-bcce-b302099a8057";

    @Test
    void aNewIdIsAUuidOfVersion7WithTheTimeInFront() {
        long before = System.currentTimeMillis();
        UUID uuid = MessageId.next().uuid();
        long after = System.currentTimeMillis();
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        assertThat(uuid.getMostSignificantBits() >>> 16).isBetween(before, after);
    }

    @Test
    void idsMadeByManyThreadsAreUnique() {
        Set<MessageId> ids = ConcurrentHashMap.newKeySet();
        IntStream.range(0, 100_000).parallel().forEach(i -> ids.add(MessageId.next()));
        assertThat(ids).hasSize(100_000);
    }

    @Test
    void idsSortByTimeAcrossMilliseconds() {
        MessageId earlier = MessageId.next();
        long millis = System.currentTimeMillis();
        while (System.currentTimeMillis() <= millis) {
            Thread.onSpinWait();
        }
        MessageId later = MessageId.next();
        assertThat(earlier).isLessThan(later);
        assertThat(earlier.toString()).isLessThan(later.toString());
    }

    @Test
    void theBytesAreTheTextInOrder() {
        MessageId id = MessageId.parse(TEXT);
        assertThat(id.bytes()).hasSize(16).startsWith(0x01, 0x89, 0x0a).endsWith(0x80, 0x57);
        assertThat(MessageId.of(id.bytes())).isEqualTo(id).hasToString(TEXT);
        assertThatThrownBy(() -> MessageId.of(new byte[15])).hasMessage("A message id has 16 bytes, not 15.");
    }

    @Test
    void upperCaseIsReadAndAnyVersionIsTaken() {
        assertThat(MessageId.parse("01890A5D-AC96-774B-BCCE-B302099A8057")).hasToString(TEXT);
        assertThat(MessageId.parse(new UUID(0, 0).toString()).bytes()).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "{01890a5d-ac96-774b-bcce-b302099a8057}",
                "01890a5dac96774bbcceb302099a8057",
                "01890a5d-ac96-774b-bcce-b302099a805",
                " 01890a5d-ac96-774b-bcce-b302099a8057",
                "01890a5d-ac96-774b-bcce-b302099a805g"
            })
    void everyOtherFormIsRefused(String text) {
        assertThatThrownBy(() -> MessageId.parse(text))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is no message id");
    }
}
