package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopicsCheckTest {
    @Test
    void tellsHowTheRegistryIsSetUp() {
        assertThat(TopicsCheck.registry("it answers", Optional.of("READWRITE"), Optional.of("BACKWARD")))
                .isEqualTo(Finding.ok(
                        "it answers, mode READWRITE, compatibility BACKWARD where a subject has none of its own"));
    }

    @Test
    void warnsOfARegistryThatTakesNoSchemas() {
        Finding finding = TopicsCheck.registry("it answers", Optional.of("READONLY"), Optional.of("FULL"));

        assertThat(finding.status()).isEqualTo(Status.WARNING);
        assertThat(finding.what()).contains("mode READONLY");
    }

    @Test
    void aRegistryThatDoesNotTellIsNotComplainedAbout() {
        Finding finding = TopicsCheck.registry("it answers", Optional.empty(), Optional.empty());

        assertThat(finding.status()).isEqualTo(Status.OK);
        assertThat(finding.what()).contains("mode not told, compatibility not told");
    }
}
