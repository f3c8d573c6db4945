package dev.penstock.models.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.TextPayload;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollingFeaturesTest {
    private final FeaturesPayload payload =
            new FeaturesPayload(Map.of("amount", 12.5, "count", 1.0), Map.of("channel", "web"));

    @Test
    void takesThePlaceOfWhatTheSenderWroteUnderTheName() {
        Object added = RollingFeatures.addTo(payload, Map.of("count", 7.0, "mean", 3.0));

        assertThat(added)
                .isEqualTo(new FeaturesPayload(
                        Map.of("amount", 12.5, "count", 7.0, "mean", 3.0), Map.of("channel", "web")));
        assertThat(payload.getNumbers()).containsOnly(Map.entry("amount", 12.5), Map.entry("count", 1.0));
    }

    @Test
    void leavesOtherPayloadsAndThoseWithoutFeaturesAsTheyAre() {
        TextPayload text = new TextPayload("text");

        assertThat(RollingFeatures.addTo(text, Map.of("count", 7.0))).isSameAs(text);
        assertThat(RollingFeatures.addTo(payload, Map.of())).isSameAs(payload);
    }
}
