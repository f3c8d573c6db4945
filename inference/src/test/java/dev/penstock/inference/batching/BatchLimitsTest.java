package dev.penstock.inference.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.batching.BatchLimits.Order;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchLimitsTest {
    private static BatchLimits parse(String yaml) {
        return ConfigurationFile.parse("batching.yaml", yaml, BatchLimits.class, Map.of());
    }

    @Test
    void whatIsNotSaidIsChosenByTheDevice() {
        BatchLimits unsaid = parse("{}");

        assertThat(unsaid.on(Device.PROCESSOR)).isEqualTo(BatchLimits.usual());
        assertThat(unsaid.on(Device.GPU))
                .isEqualTo(new BatchLimits(64, Duration.ofMillis(5), 2, Order.KEPT, Duration.ZERO));
    }

    @Test
    void whatIsSaidHoldsOnAnyDevice() {
        BatchLimits said = parse("{rows: 17, age: PT0S, cells: 99}");

        assertThat(said.on(Device.GPU)).isEqualTo(said).isEqualTo(said.on(Device.PROCESSOR));
        assertThat(said.rows()).isEqualTo(17);
        assertThat(said.age()).isZero();
        assertThat(said.cells()).isEqualTo(99);
        assertThat(parse("{rows: 17}").on(Device.GPU).age()).isEqualTo(Duration.ofMillis(5));
    }
}
