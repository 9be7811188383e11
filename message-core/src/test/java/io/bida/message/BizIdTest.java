package io.bida.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BizIdTest {

    @Test
    void caseAndTrailingSpacesMatter() {
        BizId plain = new BizId("paid", "order-1");
        assertThat(plain).hasToString("paid:order-1").isEqualTo(new BizId("paid", "order-1"));
        assertThat(plain).isNotEqualTo(new BizId("paid", "order-1 ")).isNotEqualTo(new BizId("Paid", "order-1"));
    }

    @Test
    void whatIsTooLongIsRefusedAndNeverCut() {
        assertThat(new BizId("s".repeat(200), "v".repeat(128)).value()).hasSize(128);
        assertThatThrownBy(() -> new BizId("s", "v".repeat(129)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("would not be truncated");
        assertThatThrownBy(() -> new BizId("s".repeat(201), "v")).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> new BizId("", "v")).hasMessageContaining("scene is empty");
    }
}
