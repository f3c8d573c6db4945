package dev.penstock.models.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollingMemoryTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Rolling CARD = new Rolling(
            "card",
            RequestField.parse("entity"),
            Duration.ZERO,
            Map.of("card-sum", new Aggregate.Sum("amount", DAY, Duration.ZERO)));
    private static final Rolling TERMINAL = new Rolling(
            "terminal",
            RequestField.parse("category.terminal"),
            Duration.ZERO,
            Map.of("terminal-fraud", new Aggregate.LabelShare("fraud", DAY, Duration.ZERO)));

    private final RollingMemory memory = new RollingMemory(List.of(CARD, TERMINAL));

    @Test
    void keepsKeysApart() {
        memory.observe(payment("ann", "a", 10));
        memory.observe(payment("bob", "a", 20));

        assertThat(memory.observe(payment("ann", "b", 5))).containsEntry("card-sum", 15.0);
    }

    @Test
    void countsFeedbackWhereItsEventWas() {
        InferenceRequest fraud = payment("ann", "a", 10);
        memory.observe(fraud);

        memory.label(fraud, "fraud");

        assertThat(memory.observe(payment("bob", "a", 1))).containsEntry("terminal-fraud", 0.5);
        assertThat(memory.observe(payment("bob", "b", 1))).containsEntry("terminal-fraud", 0.0);
    }

    @Test
    void leavesOutFeaturesOfAKeyThatTheEventLacks() {
        InferenceRequest nowhere = request("ann", new FeaturesPayload(Map.of(), Map.of()));

        assertThat(memory.observe(nowhere)).containsExactly(Map.entry("card-sum", 0.0));
    }

    private static InferenceRequest payment(String card, String terminal, double amount) {
        return request(card, new FeaturesPayload(Map.of("amount", amount), Map.of("terminal", terminal)));
    }

    private static InferenceRequest request(String card, FeaturesPayload payload) {
        return InferenceRequest.newBuilder(Fixtures.request("some-id", "fraud", payload))
                .setEntityId(card)
                .build();
    }
}
