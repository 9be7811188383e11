package io.bida.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpanTest {

    @Test
    void aFewSpansAreTheirOwnCover() {
        List<Span> spans = List.of(new Span(1, 1), new Span(3, 9));
        assertThat(Span.cover(spans, 2)).isEqualTo(spans);
    }

    @Test
    void narrowDistancesAreBridgedFirst() {
        List<Span> spans = List.of(new Span(1, 2), new Span(4, 5), new Span(100, 200), new Span(202, 203));
        assertThat(Span.cover(spans, 3)).containsExactly(new Span(1, 5), new Span(100, 203));
    }

    @Test
    void aCoverHoldsEveryNumberAndIsBounded() {
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            List<Span> spans = IntStream.range(0, 500)
                    .mapToObj(i -> new Span(100L * i + random.nextInt(40), 100L * i + 40 + random.nextInt(40)))
                    .toList();
            List<Span> cover = Span.cover(spans, 20);
            assertThat(cover).hasSizeLessThanOrEqualTo(20);
            assertThat(spans)
                    .allMatch(span -> cover.stream().anyMatch(c -> c.from() <= span.from() && span.to() <= c.to()));
        }
    }
}
