package io.bida.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.outbox.Claim;
import io.bida.outbox.ClaimBatch;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchSizeTest {

    private final BatchSize size = new BatchSize(500);

    @Test
    void itAsksForNoMoreThanLargePayloadsLeftRoomForAndDoublesItsWayBack() {
        size.got(claims(3, false), 500);
        assertThat(size.next()).isEqualTo(3);
        size.got(claims(3, false), 3);
        assertThat(size.next()).isEqualTo(6);
        for (int i = 0; i < 10; i++) {
            size.got(claims(1, true), 6);
        }
        assertThat(size.next()).isEqualTo(500);
    }

    @Test
    void itAsksForAtLeastOne() {
        size.got(claims(0, false), 500);
        assertThat(size.next()).isEqualTo(1);
    }

    private static ClaimBatch claims(int count, boolean last) {
        List<Claim> claims = Collections.nCopies(count, Claims.hot(1, null));
        return new ClaimBatch(claims, last);
    }
}
