package io.bida.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class PayloadTest {

    @Test
    void nobodyChangesThePayloadFromOutside() {
        byte[] bytes = {1, 2, 3};
        Payload payload = Payload.of(bytes);
        bytes[0] = 9;
        payload.toByteArray()[1] = 9;
        assertThat(payload.toByteArray()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> payload.buffer().put((byte) 9)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void textTravelsAsUtf8() {
        Payload payload = Payload.utf8("\u4ed8\u6b3e \uD83D\uDE00");
        assertThat(payload.size()).isEqualTo(11);
        assertThat(payload).hasToString("11 bytes");
        assertThat(payload.asUtf8()).isEqualTo("\u4ed8\u6b3e \uD83D\uDE00");
    }

    @Test
    void equalBytesAreEqualPayloadsOfOneHash() {
        Payload one = Payload.utf8("{}");
        Payload same = Payload.wrap(new byte[] {'{', '}'});
        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(Payload.EMPTY);
        assertThat(one.hash()).hasSize(16).isEqualTo(same.hash()).isNotEqualTo(Payload.EMPTY.hash());
    }
}
