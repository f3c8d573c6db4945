package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AmountsTest {
    @Test
    void namesBytesInTheirLargestUnit() {
        assertThat(Amounts.bytes(1023)).isEqualTo("1023 bytes");
        assertThat(Amounts.bytes(1024)).isEqualTo("1 KiB");
        assertThat(Amounts.bytes(5L << 20)).isEqualTo("5 MiB");
        assertThat(Amounts.bytes(3L << 29)).isEqualTo("1.5 GiB");
    }

    @Test
    void namesTimesInTheirLargestUnit() {
        assertThat(Amounts.time(Duration.ofMillis(-5))).isEqualTo("0 ms");
        assertThat(Amounts.time(Duration.ofMillis(999))).isEqualTo("999 ms");
        assertThat(Amounts.time(Duration.ofSeconds(119))).isEqualTo("119 s");
        assertThat(Amounts.time(Duration.ofMinutes(119))).isEqualTo("119 minutes");
        assertThat(Amounts.time(Duration.ofHours(47))).isEqualTo("47 hours");
        assertThat(Amounts.time(Duration.ofHours(49))).isEqualTo("2 days");
    }
}
