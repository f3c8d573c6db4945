package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TensorFlowCheckTest {
    @Test
    void doesNotLoadTensorFlowWhereThatWouldEndTheProcess() {
        assertThat(new TensorFlowCheck("amd64", Set.of("sse4_2")).look())
                .hasSize(1)
                .first()
                .satisfies(finding -> {
                    assertThat(finding.status()).isEqualTo(Status.PROBLEM);
                    assertThat(finding.what()).contains("AVX");
                });
    }
}
