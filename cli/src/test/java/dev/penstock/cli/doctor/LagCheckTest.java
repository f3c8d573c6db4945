package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LagCheckTest {
    @Test
    void doesNotMistakeTheEndOfATransactionForARecord() {
        assertThat(LagCheck.finding("g", 4, Optional.empty())).isEqualTo(Finding.ok("group g has read everything"));
    }

    @Test
    void warnsOnceARecordHasWaitedForLong() {
        assertThat(LagCheck.finding("g", 1_200, Optional.of(Duration.ofSeconds(9))))
                .isEqualTo(Finding.ok("group g is up to 1,200 records behind, of which the oldest has waited for 9 s"));
        assertThat(LagCheck.finding("g", 1, Optional.of(Duration.ofMinutes(3))).status())
                .isEqualTo(Status.WARNING);
    }
}
