package io.bida.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.bida.transport.kafka.PartitionProgress.Taken;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class PartitionProgressTest {

    @Test
    void theFirstThatIsNotDoneIsCommitted() {
        PartitionProgress progress = new PartitionProgress(null);
        List<Taken> taken = take(progress, 5, 10);
        assertThat(progress.toCommit()).hasValue(new OffsetAndMetadata(5));

        taken.get(0).done();
        taken.get(1).done();

        assertThat(progress.toCommit()).hasValue(new OffsetAndMetadata(7));
        assertThat(progress.notCommitted()).isEqualTo(5);
        progress.committed(new OffsetAndMetadata(7));
        assertThat(progress.notCommitted()).isEqualTo(3);
        assertThat(progress.toCommit()).isEmpty();
    }

    @Test
    void whatIsDoneBehindItIsNotTakenAgainByTheNext() {
        PartitionProgress progress = new PartitionProgress(null);
        List<Taken> taken = take(progress, 100, 400);
        taken.get(0).done();
        for (int i = 10; i < 300; i += 3) {
            taken.get(i).done();
        }
        OffsetAndMetadata committed = progress.toCommit().orElseThrow();

        List<Taken> next = take(new PartitionProgress(committed), committed.offset(), 400);

        assertThat(committed.offset()).isEqualTo(101);
        for (int i = 0; i < next.size(); i++) {
            assertThat(next.get(i).isDone()).isEqualTo(taken.get(i + 1).isDone());
        }
        assertThat(committed.metadata().length()).isLessThan(100);
    }

    @Test
    void whatAnotherProgramNotedIsNoNoteOfOurs() {
        assertThat(take(new PartitionProgress(new OffsetAndMetadata(3, "host-7")), 3, 5))
                .noneMatch(Taken::isDone);
        assertThat(take(new PartitionProgress(new OffsetAndMetadata(3, "bida:3:?")), 3, 5))
                .noneMatch(Taken::isDone);
    }

    /** A tool that mirrors a cluster translates the offset and copies the text. */
    @Test
    void whatWasNotedForAnotherOffsetIsNoNoteForThisOne() {
        PartitionProgress progress = new PartitionProgress(null);
        List<Taken> taken = take(progress, 1_000, 1_400);
        taken.get(0).done();
        taken.subList(100, 400).forEach(Taken::done);
        OffsetAndMetadata committed = progress.toCommit().orElseThrow();
        assertThat(committed.metadata()).isNotEmpty();

        assertThat(take(new PartitionProgress(new OffsetAndMetadata(900, committed.metadata())), 900, 1_300))
                .noneMatch(Taken::isDone);
    }

    @Test
    void offsetsWithoutARecordArePassedOver() {
        PartitionProgress progress = new PartitionProgress(new OffsetAndMetadata(0));
        Taken one = progress.take(7);
        Taken other = progress.take(1_000_000);
        other.done();
        assertThat(progress.toCommit()).hasValue(new OffsetAndMetadata(7));
        one.done();
        assertThat(progress.toCommit()).hasValue(new OffsetAndMetadata(1_000_001));
    }

    private static List<Taken> take(PartitionProgress progress, long begin, long end) {
        List<Taken> taken = new ArrayList<>();
        for (long offset = begin; offset < end; offset++) {
            taken.add(progress.take(offset));
        }
        return taken;
    }
}
