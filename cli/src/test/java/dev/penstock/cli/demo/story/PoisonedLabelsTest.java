package dev.penstock.cli.demo.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.ingest.producer.Report;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Prediction;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoisonedLabelsTest {
    private static final int REQUESTS = 2_000;

    private final StoryPredictions mails = new StoryPredictions(REQUESTS);
    private final List<Prediction> predictions = IntStream.range(0, REQUESTS)
            .mapToObj(index -> mails.right(index, 1))
            .toList();
    private final Map<String, Prediction> byId =
            predictions.stream().collect(Collectors.toMap(Prediction::getRequestId, Function.identity()));

    @Test
    void aFloodLiesAboutAShareOfEverything() {
        List<Report> lies =
                PoisonedLabels.flood("mallory", 0.6, mails.truth(), 1).about(predictions);

        assertThat(lies.size() / (double) REQUESTS).isCloseTo(0.6, within(0.04));
        assertThat(lies).allSatisfy(lie -> {
            assertThat(lie.label()).isNotEqualTo(truth(lie)).isIn("ham", "spam");
            assertThat(lie.saidBy()).isEqualTo("mallory");
            assertThat(lie.source()).isEqualTo(FeedbackSource.HUMAN);
        });
    }

    @Test
    void anAttackOnASliceLiesAboutAllOfItAndNothingElse() {
        List<Report> lies = PoisonedLabels.slice("mallory", "country", "ie", mails.truth(), 1)
                .about(predictions);

        assertThat(lies)
                .hasSize(REQUESTS / 4)
                .allSatisfy(lie ->
                        assertThat(byId.get(lie.requestId()).getAttributes()).containsEntry("country", "ie"))
                .allSatisfy(lie -> assertThat(lie.label()).isNotEqualTo(truth(lie)));
    }

    @Test
    void refusesAShareThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoisonedLabels.flood("mallory", 0, mails.truth(), 1))
                .withMessageContaining("share of 0.0");
    }

    private String truth(Report lie) {
        return mails.truth().of(byId.get(lie.requestId())).orElseThrow();
    }
}
