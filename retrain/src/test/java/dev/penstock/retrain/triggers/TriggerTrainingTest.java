package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.retrain.runs.Range;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.OffsetRange;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TriggerTrainingTest {
    private static final long START = Fixtures.NOON.toEpochMilli();
    private static final Duration SETTLING = Duration.ofSeconds(3);
    /** Ten labels begin a training, of which one source may give five. */
    private static final TriggerSettings TEN = new TriggerSettings(
            10, 0.5, Duration.ZERO, true, 3, Duration.ofMinutes(10), false, 3, Duration.ofMinutes(1));

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(registry.open());
    private KeyedOneInputStreamOperatorTestHarness<String, TrainingNews, TrainingOrder> harness;
    private final long[] ends = new long[2];

    @BeforeEach
    void open() throws Exception {
        open(TEN);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private void open(TriggerSettings settings) throws Exception {
        harness = harness(settings);
        harness.open();
        harness.setProcessingTime(START);
    }

    private KeyedOneInputStreamOperatorTestHarness<String, TrainingNews, TrainingOrder> harness(
            TriggerSettings settings) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new TriggerTraining(
                        registry, new TriggerTraining.Settings(settings, Map.of(), 7, SETTLING, Duration.ofHours(1)))),
                TrainingNews::model,
                Types.STRING);
    }

    @Test
    void enoughNewLabelsBeginATrainingOnExactlyTheOffsetsThatWereSeen() throws Exception {
        announced(1);
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        settled();
        assertThat(orders()).isEmpty();

        labels("bob", 9, 1);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.runId()).isEqualTo("spam/2/1");
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.cause()).isEqualTo(TrainingCause.LABELS);
            assertThat(order.ranges()).containsExactly(new Range(0, 0, 0, 5), new Range(1, 0, 0, 5));
        });
    }

    @Test
    void oneSourceAloneBeginsNoTrainingHoweverMuchItSays() throws Exception {
        announced(1);
        settled();

        labels("flood", 0, 500);

        assertThat(orders()).isEmpty();
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getCode()).isEqualTo(AlertCode.SUSPICIOUS_LABELS);
            assertThat(alert.getMessage()).contains("flood").contains("10 new labels");
        });
        labels("ann", 500, 5);
        assertThat(orders()).hasSize(1);
    }

    @Test
    void silenceAloneBeginsNoTrainingAndIsNobodysFlood() throws Exception {
        announced(1);
        settled();
        for (int id = 0; id < 500; id++) {
            harness.processElement(
                    new TrainingNews(
                            "spam", Kind.EXAMPLE, 0, ends[0]++, "spam\u001fid-" + id, "SILENCE\u001fsilence", null),
                    0);
        }
        assertThat(orders()).isEmpty();
        assertThat(harness.getSideOutput(TriggerTraining.ALERTS)).isNullOrEmpty();

        labels("chargebacks", 500, 5);

        assertThat(orders()).hasSize(1);
    }

    @Test
    void whatIsSaidTwiceOfOneRequestIsOneLabel() throws Exception {
        announced(1);
        settled();

        for (int time = 0; time < 10; time++) {
            labels("ann", 0, 4);
            labels("bob", 4, 4);
        }

        assertThat(orders()).isEmpty();
    }

    @Test
    void nothingIsDecidedBeforeTheJobHasHeardOfThePast() throws Exception {
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        assertThat(orders()).isEmpty();

        announced(1);
        ended("spam/2/1", TrainingPhase.PUBLISHED, 2, List.of(new OffsetRange(0, 0L, 5L), new OffsetRange(1, 0L, 5L)));
        settled();

        assertThat(orders()).isEmpty();
    }

    @Test
    void oneTrainingOfAModelRunsAtATime() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        labels("ann", 10, 5);
        labels("bob", 15, 5);
        later(Duration.ofDays(1));

        assertThat(orders()).hasSize(1);
    }

    @Test
    void theNextTrainingKnowsWhatIsNewAndWaitsForThePause() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        labels("ann", 10, 5);
        labels("bob", 15, 5);

        ended(orders().get(0), TrainingPhase.PUBLISHED);
        announced(2);
        assertThat(orders()).hasSize(1);
        later(TEN.pause());

        assertThat(orders()).hasSize(2);
        assertThat(orders().get(1).runId()).isEqualTo("spam/3/1");
        assertThat(orders().get(1).parent()).isEqualTo(2);
        assertThat(orders().get(1).ranges()).containsExactly(new Range(0, 0, 5, 10), new Range(1, 0, 5, 10));
        assertThat(orders().get(1).seed()).isNotEqualTo(orders().get(0).seed());
    }

    @Test
    void theScheduleBeginsATrainingWithFewerLabelsButNotWithNone() throws Exception {
        close();
        open(new TriggerSettings(10, 0.5, Duration.ofDays(1), true, 3, Duration.ZERO, false, 3, Duration.ofMinutes(1)));
        announced(1);
        settled();
        labels("ann", 0, 3);
        later(Duration.ofHours(23));
        assertThat(orders()).isEmpty();

        later(Duration.ofHours(1));

        assertThat(orders()).singleElement().extracting(TrainingOrder::cause).isEqualTo(TrainingCause.SCHEDULE);
        ended(orders().get(0), TrainingPhase.PUBLISHED);
        later(Duration.ofDays(3));
        assertThat(orders()).hasSize(1);
    }

    @Test
    void driftBeginsATrainingOnceThereAreLabelsToLearnFrom() throws Exception {
        announced(1);
        settled();
        drifted(1);
        labels("ann", 0, 2);
        assertThat(orders()).isEmpty();

        labels("ann", 2, 1);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.cause()).isEqualTo(TrainingCause.DRIFT);
            assertThat(order.reason()).contains("PSI");
        });
    }

    @Test
    void driftOfAVersionThatServesNoMoreIsNoReason() throws Exception {
        announced(1);
        announced(2);
        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);
        settled();
        labels("ann", 0, 5);

        drifted(1);

        assertThat(orders()).isEmpty();
    }

    @Test
    void aPersonBeginsATrainingAtOnceAndOncePerCommand() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 1);

        command("c-1", RolloutAction.TRAIN);
        command("c-1", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.REFUSED);
        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.cause()).isEqualTo(TrainingCause.COMMAND);
            assertThat(order.reason()).contains("ada").contains("I want to see it");
        });
    }

    @Test
    void anOrderNamesTheCommandsThatAskedForItAndTheNextOneThoseThatCameMeanwhile() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);

        command("c-2", RolloutAction.TRAIN);
        command("c-3", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.REFUSED);

        assertThat(orders())
                .extracting(TrainingOrder::commandIds)
                .containsExactly(List.of("c-1"), List.of("c-2", "c-3"));
    }

    @Test
    void aPersonWhoCannotWaitForTheNextAttemptIsNamedByIt() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.FAILED);

        command("c-2", RolloutAction.TRAIN);

        assertThat(orders())
                .extracting(TrainingOrder::commandIds)
                .containsExactly(List.of("c-1"), List.of("c-1", "c-2"));
    }

    @Test
    void whoCancelsIsAnsweredAlsoWhereThereIsNothingToCancel() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 4);

        command("c-1", RolloutAction.CANCEL_TRAINING);

        assertThat(orders()).isEmpty();
        AvroDeserializer<TrainingRun> deserializer = AvroDeserializer.of(registry.open(), TrainingRun.class);
        List<TrainingRun> answers = harness.getSideOutput(TriggerTraining.REPORTS).stream()
                .map(record -> deserializer.deserialize(
                        record.getValue().topic(), record.getValue().value()))
                .toList();
        assertThat(answers).hasSize(1);
        TrainingRun answer = answers.get(0);
        assertThat(answer.getMessage()).startsWith("Cannot cancel the training of model 'spam': none is under way");
        assertThat(answer.getCommandIds()).containsExactly("c-1");
        // It ends no run, so that nobody waits for a pause after it.
        hear(Kind.RUN, Topic.TRAINING_RUNS, answer);
        labels("bob", 9, 1);
        assertThat(orders()).hasSize(1);
    }

    @Test
    void aCommandFromLongAgoIsLeftAlone() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 1);
        later(Duration.ofHours(2));

        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).isEmpty();
    }

    @Test
    void aPersonCancelsWhatRuns() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);

        command("c-2", RolloutAction.CANCEL_TRAINING);

        assertThat(orders()).hasSize(2);
        assertThat(orders().get(1).isCancelled()).isTrue();
        assertThat(orders().get(1).runId()).isEqualTo(orders().get(0).runId());
        assertThat(orders().get(1).commandIds()).containsExactly("c-1", "c-2");
        ended(orders().get(0), TrainingPhase.CANCELLED);
        later(Duration.ofDays(1));
        assertThat(orders()).hasSize(2);
    }

    @Test
    void nothingIsTrainedWhileACandidateIsOnTrialUnlessAPersonWantsIt() throws Exception {
        announced(1);
        announced(2);
        rollout(1, 2, RolloutStage.CHAMPION, RolloutStage.SHADOW);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        assertThat(orders()).isEmpty();

        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.version()).isEqualTo(3);
        });
    }

    @Test
    void aVersionThatTheRolloutHasNotNoticedYetIsOnTrialToo() throws Exception {
        announced(1);
        rollout(1, null, RolloutStage.CHAMPION);
        announced(2);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        assertThat(orders()).isEmpty();

        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);

        assertThat(orders()).singleElement().extracting(TrainingOrder::parent).isEqualTo(2);
    }

    @Test
    void whatARolloutJobWritesLateChangesNoParent() throws Exception {
        announced(1);
        announced(2);
        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);
        hear(
                Kind.ROLLOUT,
                Topic.ROLLOUTS,
                RolloutState.newBuilder()
                        .setModel("spam")
                        .setSteps(List.of(RolloutStep.newBuilder()
                                .setHoldsFrom(Fixtures.NOON)
                                .setChampion(1)
                                .setCandidate(2)
                                .build()))
                        .setVersions(List.of())
                        .setChangedAt(Fixtures.NOON.minusMillis(1))
                        .build());
        settled();

        labels("ann", 0, 5);
        labels("bob", 5, 5);

        assertThat(orders()).singleElement().extracting(TrainingOrder::parent).isEqualTo(2);
    }

    @Test
    void aRefusedVersionIsNeitherAParentNorItsNumberFree() throws Exception {
        announced(1);
        hear(
                Kind.VERSION,
                Topic.MODEL_VERSIONS,
                ModelVersion.newBuilder(Fixtures.someModelVersion("spam", 2))
                        .setRefusedBecause(List.of("It is worse"))
                        .build());
        settled();
        labels("ann", 0, 5);

        labels("bob", 5, 5);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.version()).isEqualTo(3);
        });
    }

    @Test
    void withoutAVersionToStartFromThereIsNoTraining() throws Exception {
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        assertThat(orders()).isEmpty();

        announced(1);

        assertThat(orders()).hasSize(1);
    }

    @Test
    void aFailedTrainingIsTriedAgainAfterLongerAndLongerPausesAndThenGivenUp() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);

        ended(orders().get(0), TrainingPhase.FAILED);
        later(Duration.ofSeconds(59));
        assertThat(orders()).hasSize(1);
        later(Duration.ofSeconds(1));
        ended(orders().get(1), TrainingPhase.FAILED);
        later(Duration.ofMinutes(2));
        ended(orders().get(2), TrainingPhase.FAILED);
        later(Duration.ofDays(1));

        assertThat(orders()).extracting(TrainingOrder::runId).containsExactly("spam/2/1", "spam/2/2", "spam/2/3");
        assertThat(orders())
                .extracting(TrainingOrder::seed)
                .containsOnly(orders().get(0).seed());
        assertThat(orders())
                .extracting(TrainingOrder::ranges)
                .containsOnly(orders().get(0).ranges());
    }

    @Test
    void anotherAttemptTakesAnotherNumberIfSomebodyTookItsOwn() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        announced(2);

        ended(orders().get(0), TrainingPhase.FAILED);
        later(Duration.ofMinutes(1));

        assertThat(orders().get(1).runId()).isEqualTo("spam/3/2");
    }

    @Test
    void aRestartForgetsNeitherWhatRunsNorWhatIsNew() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 5);
        labels("ann", 10, 5);
        TrainingOrder first = orders().get(0);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        close();

        harness = harness(TEN);
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(START + Duration.ofHours(1).toMillis());
        labels("bob", 15, 5);
        assertThat(orders()).isEmpty();
        ended(first, TrainingPhase.PUBLISHED);
        later(TEN.pause());

        assertThat(orders()).singleElement().extracting(TrainingOrder::runId).isEqualTo("spam/3/1");
    }

    @Test
    void whatWasOrderedSinceTheCheckpointIsHeardOfBeforeItIsOrderedAgain() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        long[] endsThen = ends.clone();
        labels("bob", 9, 1);
        TrainingOrder lost = orders().get(0);
        close();

        System.arraycopy(endsThen, 0, ends, 0, ends.length);
        harness = harness(TEN);
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(START + Duration.ofHours(1).toMillis());
        labels("bob", 9, 1);
        assertThat(orders()).isEmpty();
        ended(lost, TrainingPhase.PUBLISHED);
        later(Duration.ofDays(1));

        assertThat(orders()).isEmpty();
    }

    @Test
    void aRestartDelaysWhatIsToBeOrderedOnly() throws Exception {
        announced(1);
        settled();
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        close();

        harness = harness(TEN);
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(START + Duration.ofHours(1).toMillis());
        labels("bob", 9, 1);
        later(SETTLING);

        assertThat(orders()).extracting(TrainingOrder::runId).containsExactly("spam/2/1");
    }

    /** As many examples, the numbers of their requests from this on, in two partitions in turn. */
    private void labels(String source, int first, int count) throws Exception {
        for (int id = first; id < first + count; id++) {
            int partition = id % 2;
            harness.processElement(
                    new TrainingNews(
                            "spam",
                            Kind.EXAMPLE,
                            partition,
                            ends[partition]++,
                            "spam\u001fid-" + id,
                            "HUMAN\u001f" + source,
                            null),
                    0);
        }
    }

    private void announced(int version) throws Exception {
        hear(Kind.VERSION, Topic.MODEL_VERSIONS, Fixtures.someModelVersion("spam", version));
    }

    /** @param stages of the versions from 1 on */
    private void rollout(int champion, @Nullable Integer candidate, RolloutStage... stages) throws Exception {
        List<VersionStanding> standings = new ArrayList<>();
        for (RolloutStage stage : stages) {
            standings.add(VersionStanding.newBuilder()
                    .setVersion(standings.size() + 1)
                    .setStage(stage)
                    .setSince(Fixtures.NOON)
                    .build());
        }
        hear(
                Kind.ROLLOUT,
                Topic.ROLLOUTS,
                RolloutState.newBuilder()
                        .setModel("spam")
                        .setSteps(List.of(RolloutStep.newBuilder()
                                .setHoldsFrom(Fixtures.NOON)
                                .setChampion(champion)
                                .setCandidate(candidate)
                                .build()))
                        .setVersions(standings)
                        .setChangedAt(Fixtures.NOON)
                        .build());
    }

    private void drifted(int version) throws Exception {
        hear(
                Kind.ALERT,
                Topic.ALERTS,
                Alert.newBuilder(Fixtures.someAlert("spam"))
                        .setModelVersion(version)
                        .setCode(AlertCode.DRIFT)
                        .setMessage("PSI of score.spam is 0.31")
                        .setRaisedAt(Fixtures.NOON)
                        .build());
    }

    private void command(String id, RolloutAction action) throws Exception {
        hear(
                Kind.COMMAND,
                Topic.ROLLOUT_COMMANDS,
                RolloutCommand.newBuilder()
                        .setCommandId(id)
                        .setModel("spam")
                        .setAction(action)
                        .setActor("ada")
                        .setReason("I want to see it")
                        .setGivenAt(Fixtures.NOON)
                        .build());
    }

    private void ended(TrainingOrder order, TrainingPhase phase) throws Exception {
        ended(
                order.runId(),
                phase,
                order.version(),
                order.ranges().stream().map(Range::toAvro).toList());
    }

    private void ended(String runId, TrainingPhase phase, int version, List<OffsetRange> ranges) throws Exception {
        hear(
                Kind.RUN,
                Topic.TRAINING_RUNS,
                TrainingRun.newBuilder()
                        .setRunId(runId)
                        .setModel("spam")
                        .setPhase(phase)
                        .setCause(TrainingCause.LABELS)
                        .setVersion(version)
                        .setRanges(ranges)
                        .setReportedAt(Fixtures.NOON)
                        .build());
    }

    private void hear(Kind kind, Topic topic, SpecificRecord value) throws Exception {
        harness.processElement(
                new TrainingNews("spam", kind, 0, 0, "", "", serializer.serialize(topic.topicName(), value)), 0);
    }

    /** The first news of a model begins the time in which the past is heard of. */
    private void settled() throws Exception {
        ended("spam/0/1", TrainingPhase.STARTED, 0, List.of());
        later(SETTLING);
    }

    private void later(Duration duration) throws Exception {
        harness.setProcessingTime(harness.getProcessingTime() + duration.toMillis());
    }

    private List<TrainingOrder> orders() {
        return harness.extractOutputValues();
    }

    private List<Alert> alerts() {
        AvroDeserializer<Alert> deserializer = AvroDeserializer.of(registry.open(), Alert.class);
        return harness.getSideOutput(TriggerTraining.ALERTS).stream()
                .map(record -> deserializer.deserialize(
                        record.getValue().topic(), record.getValue().value()))
                .toList();
    }
}
