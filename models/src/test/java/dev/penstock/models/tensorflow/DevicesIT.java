package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DevicesIT {
    @Test
    void aMachineHasAProcessorAndPerhapsMore() {
        TensorFlowRuntime runtime = TensorFlowRuntime.inCallingThread();

        List<String> types = Devices.types(runtime.sessionConfig());

        assertThat(types).contains("CPU").doesNotContainNull();
        assertThat(runtime.hasGpu()).isEqualTo(types.contains("GPU"));
    }

    @Test
    void devicesThatWereFoundAreNotTakenBack() {
        TensorFlowRuntime.inCallingThread().sessionConfig();

        assertThatThrownBy(() -> TensorFlowRuntime.restrictToGpus(List.of("1", "0")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Cannot restrict TensorFlow to GPUs [0, 1]: this process runs it with all that there are already");
    }

    @Test
    void aDeviceIsANumber() {
        assertThatThrownBy(() -> TensorFlowRuntime.restrictToGpus(List.of("GPU-8c5b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'GPU-8c5b'");
    }
}
