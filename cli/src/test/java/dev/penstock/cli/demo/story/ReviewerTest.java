package dev.penstock.cli.demo.story;

import static dev.penstock.cli.demo.story.StoryPredictions.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.cli.demo.story.Reviewer.Habits;
import dev.penstock.ingest.producer.Report;
import dev.penstock.schemas.FeedbackSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReviewerTest {
    private static final int REQUESTS = 3_000;
    private static final Duration SOONEST = Duration.ofSeconds(2);
    private static final Duration LATEST = Duration.ofSeconds(8);

    private final StoryPredictions mails = new StoryPredictions(REQUESTS);

    @Test
    void looksAtPartOfTheTrafficAndIsSometimesMistaken() {
        Reviewer reviewer = reviewer(Habits.people(SOONEST, LATEST), 1);
        seeAll(reviewer);

        List<Report> reports = reviewer.due(NOON.plus(LATEST));

        assertThat(reports.size() / (double) REQUESTS).isCloseTo(0.4, within(0.03));
        assertThat(wrong(reports) / (double) reports.size()).isCloseTo(0.02, within(0.015));
        assertThat(reviewer.said("spam")).hasValueSatisfying(said -> {
            assertThat(said.reports()).isEqualTo(reports.size());
            assertThat(said.mistaken()).isEqualTo(wrong(reports));
            assertThat(said.first()).isEqualTo(reports.get(0).saidAt().orElseThrow());
        });
        assertThat(reports).extracting(Report::source).containsOnly(FeedbackSource.HUMAN);
        assertThat(reports).extracting(Report::saidBy).contains("ada", "grace", "alan");
    }

    @Test
    void saysNothingBeforeItIsDueAndNothingTwice() {
        Reviewer reviewer = reviewer(Habits.people(SOONEST, LATEST), 1);
        seeAll(reviewer);

        List<Report> early = reviewer.due(NOON.plus(SOONEST).minusMillis(1));
        List<Report> half = reviewer.due(NOON.plusSeconds(5));
        List<Report> rest = reviewer.due(NOON.plus(LATEST));

        assertThat(early).isEmpty();
        assertThat(half).isNotEmpty();
        assertThat(rest).isNotEmpty().doesNotContainAnyElementsOf(half);
        assertThat(half)
                .isSortedAccordingTo((one, other) ->
                        one.saidAt().orElseThrow().compareTo(other.saidAt().orElseThrow()));
        assertThat(reviewer.due(NOON.plus(LATEST))).isEmpty();
    }

    @Test
    void aPredictionThatIsWrittenTwiceIsReviewedOnce() {
        Reviewer reviewer = reviewer(everything(), 1);

        reviewer.predicted(mails.right(0, 1), NOON);
        reviewer.predicted(mails.right(0, 2), NOON);

        assertThat(reviewer.due(NOON.plus(LATEST))).hasSize(1);
    }

    @Test
    void theSameSeedSaysTheSameInWhateverOrderPredictionsCome() {
        Reviewer forwards = reviewer(Habits.people(SOONEST, LATEST), 7);
        Reviewer backwards = reviewer(Habits.people(SOONEST, LATEST), 7);
        Reviewer another = reviewer(Habits.people(SOONEST, LATEST), 8);

        seeAll(forwards);
        seeAll(another);
        for (int index = REQUESTS - 1; index >= 0; index--) {
            backwards.predicted(mails.right(index, 1), NOON);
        }

        List<Report> said = forwards.due(NOON.plus(LATEST));
        assertThat(backwards.due(NOON.plus(LATEST))).containsExactlyInAnyOrderElementsOf(said);
        assertThat(another.due(NOON.plus(LATEST))).isNotEqualTo(said);
    }

    @Test
    void isSilentAboutWhatItDoesNotKnow() {
        Reviewer reviewer = new Reviewer(mails.truth(), Map.of("digits", everything()), 1);
        Reviewer strange = new Reviewer(Truth.of(Map.of()), Map.of("spam", everything()), 1);

        reviewer.predicted(mails.right(0, 1), NOON);
        strange.predicted(mails.right(0, 1), NOON);

        assertThat(reviewer.due(NOON.plus(LATEST))).isEmpty();
        assertThat(strange.due(NOON.plus(LATEST))).isEmpty();
    }

    @Test
    void refusesHabitsThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Habits(1.1, 0, SOONEST, LATEST, FeedbackSource.HUMAN, List.of("ada")))
                .withMessageContaining("share of 1.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Habits(1, 0, LATEST, SOONEST, FeedbackSource.HUMAN, List.of("ada")))
                .withMessageContaining("between PT8S and PT2S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Habits(1, 0, SOONEST, LATEST, FeedbackSource.HUMAN, List.of()))
                .withMessageContaining("without a reviewer");
    }

    private Reviewer reviewer(Habits habits, long seed) {
        return new Reviewer(mails.truth(), Map.of("spam", habits), seed);
    }

    private static Habits everything() {
        return new Habits(1, 0, SOONEST, LATEST, FeedbackSource.HUMAN, List.of("ada"));
    }

    private void seeAll(Reviewer reviewer) {
        IntStream.range(0, REQUESTS).forEach(index -> reviewer.predicted(mails.right(index, 1), NOON));
    }

    private int wrong(List<Report> reports) {
        Map<String, String> labels = IntStream.range(0, REQUESTS)
                .boxed()
                .collect(Collectors.toMap(index -> mails.right(index, 1).getRequestId(), mails::label));
        return (int) reports.stream()
                .filter(report -> !report.label().equals(labels.get(report.requestId())))
                .count();
    }
}
