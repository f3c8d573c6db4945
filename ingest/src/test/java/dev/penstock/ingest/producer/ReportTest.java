package dev.penstock.ingest.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.schemas.FeedbackSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
    private static final Report USUAL = Report.of("spam", "m-1", "ham", FeedbackSource.HUMAN);

    @Test
    void takesIdsAndLabelsAsLongAsTheSchemaAllows() {
        String longest = "x".repeat(256);

        Report report =
                Report.of("spam", longest, longest, FeedbackSource.SYSTEM).by(longest);

        assertThat(report.requestId()).hasSize(256);
    }

    @Test
    void refusesWhatNobodyCouldJoinOrCount() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Report.of(" ", "m-1", "ham", FeedbackSource.HUMAN))
                .withMessageContaining("without a pipeline");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Report.of("spam", "", "ham", FeedbackSource.HUMAN))
                .withMessageContaining("the request's id has 0 characters, expected 1 to 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Report.of("spam", "m-1", "x".repeat(257), FeedbackSource.HUMAN))
                .withMessageContaining("the label has 257 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> USUAL.by("x".repeat(257)))
                .withMessageContaining("who says so has 257 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Report.of("spam", "m-1", "ham", FeedbackSource.UNKNOWN))
                .withMessageContaining("use SYSTEM, HUMAN, OUTCOME or APPEAL");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesACertaintyThatIsNoShare(double certainty) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> USUAL.withCertainty(certainty))
                .withMessageContaining("is not between 0 and 1");
    }
}
