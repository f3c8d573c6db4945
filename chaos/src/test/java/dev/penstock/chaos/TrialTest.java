package dev.penstock.chaos;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.chaos.faults.Fault;
import dev.penstock.chaos.faults.Tier;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.platform.CheckpointStore;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrialTest {
    @Test
    void theDiskOfCheckpointsThatAreInABucketCannotBeFilled() {
        assertThatThrownBy(() -> new Trial.Plan(
                        Set.of(Fault.DISK),
                        Tier.REDUCED,
                        1_000,
                        300,
                        Delivery.EXACTLY_ONCE,
                        1,
                        CheckpointStore.S3,
                        1,
                        Duration.ofMinutes(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in s3: use --checkpoints disk, or leave the fault 'disk' out");
    }

    @Test
    void aStoreThatIsUnknownIsRefused() {
        assertThatThrownBy(() -> CheckpointStore.named("tape")).hasMessageContaining("'tape': use disk or s3");
    }
}
