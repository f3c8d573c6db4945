package dev.penstock.models.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingSetTest {
    private static final Selection NOTHING_HELD_OUT = selection(0, 100_000, 100_000, 1);

    private static Selection selection(double heldOut, int mostOlder, int mostPerLabel, double largestSourceShare) {
        return new Selection(new HeldOutShare(heldOut), mostOlder, 100_000, 100_000, mostPerLabel, largestSourceShare);
    }

    private static List<LabelledExample> examples(int from, int to, String label, String saidBy) {
        return IntStream.range(from, to)
                .mapToObj(number -> SomeExamples.example("request-" + number, label)
                        .setSaidBy(saidBy)
                        .build())
                .toList();
    }

    private static Set<String> ids(List<LabelledExample> examples) {
        Set<String> ids = new HashSet<>();
        examples.forEach(example -> ids.add(example.getRequestId()));
        return ids;
    }

    /** The first 53 bits of {@code sha256("held-out\x1fspam\x1frequest-1")}, as Python computes them. */
    @Test
    void placesRequestsAsEveryOtherLanguageWould() {
        assertThat(new HeldOutShare(0.866951).holdsOut("spam", "request-1")).isFalse();
        assertThat(new HeldOutShare(0.866952).holdsOut("spam", "request-1")).isTrue();
    }

    @Test
    void holdsOutByTheHashOfPipelineAndRequestAlone() {
        HeldOutShare fifth = new HeldOutShare(0.2);
        long heldOut = IntStream.range(0, 10_000)
                .filter(number -> fifth.holdsOut("spam", "request-" + number))
                .count();

        assertThat(heldOut).isBetween(1_880L, 2_120L);
        assertThat(IntStream.range(0, 1_000)
                        .filter(number -> fifth.holdsOut("spam", "request-" + number))
                        .allMatch(number -> new HeldOutShare(0.3).holdsOut("spam", "request-" + number)))
                .isTrue();
        assertThat(IntStream.range(0, 1_000)
                        .anyMatch(number -> fifth.holdsOut("spam", "request-" + number)
                                != fifth.holdsOut("ham", "request-" + number)))
                .isTrue();
        assertThat(new HeldOutShare(0).holdsOut("spam", "request-1")).isFalse();
        assertThat(new HeldOutShare(1).holdsOut("spam", "request-1")).isTrue();
    }

    @Test
    void aRequestIsOnOneSideInEveryTraining() {
        Selection selection = selection(0.2, 100, 100_000, 1);
        TrainingSet first = TrainingSet.select(List.of(), examples(0, 500, "ham", "ada"), selection, 1);
        TrainingSet second =
                TrainingSet.select(examples(0, 500, "ham", "ada"), examples(500, 700, "ham", "ada"), selection, 2);

        Set<String> held = ids(first.heldOut());
        held.addAll(ids(second.heldOut()));
        Set<String> learned = ids(first.training());
        learned.addAll(ids(second.training()));
        assertThat(held).doesNotContainAnyElementsOf(learned).hasSizeBetween(100, 180);
    }

    @Test
    void theLastLabelOfARequestCounts() {
        List<LabelledExample> fresh = List.of(
                SomeExamples.example("request-1", "ham").build(),
                SomeExamples.example("request-2", "ham").build(),
                SomeExamples.example("request-1", "spam").build());
        List<LabelledExample> older =
                List.of(SomeExamples.example("request-2", "spam").build());

        TrainingSet set = TrainingSet.select(older, fresh, NOTHING_HELD_OUT, 1);

        assertThat(set.training())
                .extracting(LabelledExample::getRequestId, LabelledExample::getLabel)
                .containsExactly(tuple("request-2", "ham"), tuple("request-1", "spam"));
        assertThat(set.leftOut()).containsEntry("labelled again", 2);
    }

    @Test
    void whatSystemsSayIsNotLearnedFrom() {
        TrainingSet set = TrainingSet.select(
                List.of(),
                List.of(
                        SomeExamples.example("request-1", "ham")
                                .setSource(FeedbackSource.SYSTEM)
                                .build(),
                        SomeExamples.example("request-2", "ham").setCertainty(0).build(),
                        SomeExamples.example("request-3", "ham")
                                .setSource(FeedbackSource.OUTCOME)
                                .build()),
                NOTHING_HELD_OUT,
                1);

        assertThat(ids(set.training())).containsExactly("request-3");
        assertThat(set.leftOut())
                .containsEntry("not from people or outcomes", 1)
                .containsEntry("without certainty", 1);
    }

    @Test
    void takesEveryNewExampleAndASampleOfOlderOnes() {
        TrainingSet set = TrainingSet.select(
                examples(0, 1_000, "ham", "ada"),
                examples(1_000, 1_100, "spam", "ada"),
                selection(0, 50, 100_000, 1),
                1);

        assertThat(set.training()).hasSize(150);
        assertThat(ids(set.training())).containsAll(ids(examples(1_000, 1_100, "spam", "ada")));
        assertThat(set.leftOut()).containsEntry("older than the sample", 950);
    }

    @Test
    void theSameExamplesAndSeedGiveTheSameSetAndAnotherSeedAnother() {
        List<LabelledExample> older = examples(0, 1_000, "ham", "ada");
        Selection selection = selection(0.2, 50, 100_000, 1);

        TrainingSet set = TrainingSet.select(older, List.of(), selection, 1);

        assertThat(TrainingSet.select(older, List.of(), selection, 1)).isEqualTo(set);
        assertThat(TrainingSet.select(older, List.of(), selection, 1).digest()).isEqualTo(set.digest());
        assertThat(TrainingSet.select(older, List.of(), selection, 2).digest()).isNotEqualTo(set.digest());
    }

    @Test
    void theDigestIsOneOfEverythingThatIsLearnedFrom() {
        LabelledExample example = SomeExamples.example("request-1", "ham").build();
        String digest = new TrainingSet(List.of(example), List.of()).digest();

        assertThat(new TrainingSet(List.of(), List.of(example)).digest()).isNotEqualTo(digest);
        for (LabelledExample other : List.of(
                SomeExamples.example("request-2", "ham")
                        .setPayload(example.getPayload())
                        .build(),
                SomeExamples.example("request-1", "spam").build(),
                SomeExamples.example("request-1", "ham").setWeight(2).build(),
                SomeExamples.example("request-1", "ham")
                        .setPayload(new TextPayload("other"))
                        .build())) {
            assertThat(new TrainingSet(List.of(other), List.of()).digest()).isNotEqualTo(digest);
        }
    }

    @Test
    void aSourceThatFloodsHasNoMoreThanItsShare() {
        List<LabelledExample> flooded = new ArrayList<>(examples(0, 100, "ham", "ada"));
        flooded.addAll(examples(100, 160, "ham", "grace"));
        flooded.addAll(examples(1_000, 9_000, "spam", "mallory"));

        TrainingSet set = TrainingSet.select(List.of(), flooded, selection(0, 0, 100_000, 0.5), 1);

        assertThat(set.training()).hasSize(320);
        assertThat(set.training())
                .filteredOn(example -> example.getSaidBy().equals("mallory"))
                .hasSize(160);
    }

    @Test
    void aSecondSourceThatHasOnlyBegunTakesNothingFromTheFirst() {
        List<LabelledExample> examples = new ArrayList<>(examples(0, 5_000, "ham", "chargebacks"));
        examples.addAll(examples(5_000, 5_019, "spam", "ada"));
        Selection selection = selection(0, 0, 100_000, 0.5);

        assertThat(TrainingSet.select(List.of(), examples, selection, 1).training())
                .hasSize(5_019);

        examples.addAll(examples(5_019, 5_020, "spam", "ada"));
        TrainingSet capped = TrainingSet.select(List.of(), examples, selection, 1);
        assertThat(capped.training()).hasSize(40);
        assertThat(capped.leftOut()).containsEntry("too many from one source", 4_980);
    }

    @Test
    void whatPeopleSayTakesNothingFromOutcomes() {
        List<LabelledExample> examples = new ArrayList<>(examples(0, 100, "ham", "ada"));
        for (int number = 100; number < 5_000; number++) {
            examples.add(SomeExamples.example("request-" + number, "spam")
                    .setSource(FeedbackSource.OUTCOME)
                    .setSaidBy("chargebacks")
                    .build());
        }

        assertThat(TrainingSet.select(List.of(), examples, selection(0, 0, 100_000, 0.5), 1)
                        .training())
                .hasSize(5_000);
    }

    @Test
    void capsLabels() {
        List<LabelledExample> examples = new ArrayList<>(examples(0, 900, "ham", "ada"));
        examples.addAll(examples(900, 1_000, "spam", "ada"));

        TrainingSet set = TrainingSet.select(List.of(), examples, selection(0, 0, 200, 1), 1);

        assertThat(set.training()).hasSize(300);
        assertThat(set.leftOut()).containsEntry("too many of one label", 700);
    }

    @Test
    void silenceIsLearnedFromAndTakesNothingFromThoseWhoSpeakNorTheyFromIt() {
        List<LabelledExample> examples = new ArrayList<>();
        for (int number = 0; number < 5_000; number++) {
            boolean isReported = number % 50 == 0;
            examples.add(SomeExamples.example("request-" + number, isReported ? "spam" : "ham")
                    .setSource(isReported ? FeedbackSource.OUTCOME : FeedbackSource.SILENCE)
                    .setSaidBy(isReported ? "chargebacks" : "silence")
                    .build());
        }

        TrainingSet set = TrainingSet.select(List.of(), examples, selection(0, 0, 100_000, 0.5), 1);

        assertThat(set.training()).hasSize(5_000);
        assertThat(set.leftOut()).isEmpty();
    }

    @Test
    void sharesThatTooFewSourcesCannotKeepAreEven() {
        assertThat(SourceCap.of(List.of(1_000), 0.3)).isEqualTo(1_000);
        assertThat(SourceCap.of(List.of(1_000, 40), 0.3)).isEqualTo(40);
        assertThat(SourceCap.of(List.of(100, 100, 100), 0.5)).isEqualTo(100);
        assertThat(SourceCap.of(List.of(1_000, 100, 60), 0.5)).isEqualTo(160);
        assertThat(SourceCap.of(List.of(), 0.5)).isEqualTo(1);
    }
}
