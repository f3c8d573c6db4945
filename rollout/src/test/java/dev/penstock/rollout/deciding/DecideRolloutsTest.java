package dev.penstock.rollout.deciding;

import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.someAlert;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.rollout.deciding.KnownRollouts.Known;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.rollout.joining.GivenAnswer;
import dev.penstock.rollout.joining.GivenLabel;
import dev.penstock.rollout.joining.Observation;
import dev.penstock.rollout.plan.ModelPlans;
import dev.penstock.rollout.plan.RolloutPlans;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DecideRolloutsTest {
    private static final SchemaRegistry REGISTRY = SchemaRegistry.connect("mock://decide-rollouts");
    private static final Known NOTHING = new Known(Map.of(), Map.of(), Set.of());

    private static final ModelPlans PLANS = ConfigurationFile.parse(
                    "plans.yaml",
                    "{preset: demo, standard: {label-health: {largest-share: 1}}}",
                    RolloutPlans.class,
                    Map.of())
            .resolved();

    private KeyedTwoInputStreamOperatorTestHarness<String, Observation, Notice, OutputRecord> harness;
    private long now = NOON.toEpochMilli();
    private int champion = 1;
    private Set<String> models = Set.of("spam");

    @BeforeEach
    void begin() throws Exception {
        start(NOTHING, null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void theFirstVersionServesAtOnceAndTheNextShadows() throws Exception {
        announce(1);
        announce(2);

        assertThat(states()).extracting(RolloutState::getModel).containsExactly("spam", "spam");
        assertThat(last()).satisfies(step -> {
            assertThat(step.getChampion()).isEqualTo(1);
            assertThat(step.getCandidate()).isEqualTo(2);
            assertThat(step.getShare()).isZero();
        });
        assertThat(written(Topic.ROLLOUT_HISTORY, RolloutEvent.class))
                .extracting(RolloutEvent::getStage)
                .containsExactly(RolloutStage.CHAMPION, RolloutStage.SHADOW);
    }

    @Test
    void ofVersionsThatAreAnnouncedBeforeTheJobBeginsTheHighestServes() throws Exception {
        close();
        start(
                new Known(
                        Map.of(),
                        Map.of("spam", List.of(someModelVersion("spam", 2), someModelVersion("spam", 1))),
                        Set.of()),
                null);

        announce(1);
        announce(2);

        assertThat(last().getChampion()).isEqualTo(2);
        assertThat(last().getCandidate()).isNull();
    }

    @Test
    void aVersionThatATaskRefusesGoesNoFurther() throws Exception {
        announce(1);
        announce(3);
        pass(Duration.ofSeconds(1));

        tell(Topic.ALERTS, someAlert("spam"));

        assertThat(last().getCandidate()).isNull();
        assertThat(stage(3)).isEqualTo(RolloutStage.REFUSED);
    }

    @Test
    void statesFollowEachOtherInTimeHoweverManyComeAtOnce() throws Exception {
        announce(1);
        announce(2);
        announce(3);
        announce(4);

        assertThat(states())
                .extracting(RolloutState::getChangedAt)
                .hasSize(4)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void aRestartFromACheckpointGoesOnWhereItWas() throws Exception {
        announce(1);
        announce(2);
        OperatorSubtaskState checkpoint = harness.snapshot(1, now);
        RolloutState before = newest();
        close();
        start(new Known(Map.of("spam", before), Map.of(), Set.of()), checkpoint);

        announce(2);
        assertThat(states()).isEmpty();
        announce(3);

        assertThat(last().getCandidate()).isEqualTo(2);
        assertThat(stage(3)).isEqualTo(RolloutStage.WAITING);
    }

    /** It was cut off after it wrote and before its checkpoint: others follow what it wrote. */
    @Test
    void whatWasWrittenAfterTheCheckpointHolds() throws Exception {
        announce(1);
        announce(2);
        OperatorSubtaskState checkpoint = harness.snapshot(1, now);
        pass(Duration.ofSeconds(1));
        command("c-1", RolloutAction.PROMOTE, 2);
        RolloutState written = newest();
        close();
        start(new Known(Map.of("spam", written), Map.of(), Set.of("c-1")), checkpoint);

        // As it is read again from the checkpoint's offset.
        command("c-1", RolloutAction.PROMOTE, 2);
        announce(3);

        assertThat(last().getChampion()).isEqualTo(2);
        assertThat(newest().getSteps()).startsWith(written.getSteps().toArray(RolloutStep[]::new));
    }

    @Test
    void aJobWithoutItsCheckpointTakesUpWhatIsWritten() throws Exception {
        announce(1);
        announce(2);
        pass(Duration.ofSeconds(1));
        command("c-1", RolloutAction.ROLL_BACK, null);
        announce(3);
        RolloutState written = newest();
        close();
        now += Duration.ofMinutes(1).toMillis();
        List<ModelVersion> all =
                List.of(someModelVersion("spam", 1), someModelVersion("spam", 2), someModelVersion("spam", 3));
        start(new Known(Map.of("spam", written), Map.of("spam", all), Set.of("c-1")), null);

        announce(1);
        announce(2);
        announce(3);
        command("c-1", RolloutAction.ROLL_BACK, null);

        assertThat(last().getChampion()).isEqualTo(1);
        assertThat(last().getCandidate()).isEqualTo(3);
        assertThat(stage(2)).isEqualTo(RolloutStage.ROLLED_BACK);
        assertThat(newest().getChangedAt()).isAfter(written.getChangedAt());
        assertThat(newest().getVersions())
                .filteredOn(standing -> standing.getVersion() == 3)
                .allSatisfy(standing -> assertThat(standing.getBecause()).contains("evidence was lost"));
    }

    @Test
    void aRefusalThatWasKnownToWhoWroteIsNotHeardAgain() throws Exception {
        announce(3);
        announce(4);
        RolloutState written = newest();
        close();
        start(new Known(Map.of("spam", written), Map.of(), Set.of()), null);

        tell(
                Topic.ALERTS,
                Alert.newBuilder(someAlert("spam"))
                        .setRaisedAt(NOON.minusSeconds(60))
                        .build());

        assertThat(last().getChampion()).isEqualTo(3);
    }

    @Test
    void driftOfTheChampionHoldsWhatItsEvidenceWouldPromote() throws Exception {
        announce(1);
        announce(2);
        hear(drift(1, true));
        showThatTheCandidateIsBetter();
        pass(Duration.ofSeconds(5));
        assertThat(stage(2)).isEqualTo(RolloutStage.SHADOW);

        hear(drift(1, false));

        assertThat(stage(2)).isEqualTo(RolloutStage.CANARY);
    }

    @Test
    void driftOfAVersionThatServesNoMoreHoldsNothing() throws Exception {
        announce(1);
        hear(drift(1, true));
        announce(2);
        command("c-1", RolloutAction.PROMOTE, 2);
        announce(3);
        hear(drift(1, true));

        champion = 2;
        showThatTheCandidateIsBetter();
        pass(Duration.ofSeconds(5));

        assertThat(stage(3)).isEqualTo(RolloutStage.CANARY);
    }

    @Test
    void metricsOfAVersionGoWhenItServesNoMoreAndComeBackWithIt() throws Exception {
        announce(1);
        MetricGroup first = metricsOf(1);
        hear(drift(1, false));
        pass(Duration.ofMinutes(5));
        assertThat(metricsOf(1)).isSameAs(first);

        announce(2);
        command("c-1", RolloutAction.PROMOTE, 2);
        pass(RolloutGauges.STAY.plusSeconds(1));
        MetricGroup again = metricsOf(1);
        assertThat(again).isNotSameAs(first);

        command("c-2", RolloutAction.ROLL_BACK, null);
        hear(drift(1, false));
        pass(Duration.ofMinutes(5));
        assertThat(last().getChampion()).isEqualTo(1);
        assertThat(metricsOf(1)).isSameAs(again);
    }

    @Test
    void metricsOfATrialGoWhenItIsOver() throws Exception {
        announce(1);
        announce(2);
        MetricGroup trial = metricsOf(2);
        showThatTheCandidateIsBetter();
        pass(Duration.ofMinutes(5));
        assertThat(last().getCandidate()).isEqualTo(2);
        assertThat(metricsOf(2)).isSameAs(trial);

        command("c-1", RolloutAction.ROLL_BACK, 2);
        pass(RolloutGauges.STAY.plusSeconds(1));

        assertThat(last().getCandidate()).isNull();
        assertThat(metricsOf(2)).isNotSameAs(trial);
    }

    /** Nothing follows from what is taken up, so that nothing is written. */
    @Test
    void whoServesByWhatIsTakenUpIsShown() throws Exception {
        announce(1);
        announce(2);
        OperatorSubtaskState checkpoint = harness.snapshot(1, now);
        pass(Duration.ofSeconds(1));
        command("c-1", RolloutAction.PROMOTE, 2);
        RolloutState written = newest();
        close();

        start(new Known(Map.of("spam", written), Map.of(), Set.of("c-1")), checkpoint);

        assertThat(states()).isEmpty();
        assertThat(shown("champion-version")).isEqualTo(2);
        assertThat(shown("candidate-version")).isEqualTo(0);
    }

    @Test
    void aModelThatNoPipelineAsksAnyMoreRestsUntilOneDoes() throws Exception {
        announce(1);
        announce(2);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        close();

        models = Set.of("another");
        start(NOTHING, checkpoint);
        pass(Duration.ofMinutes(10));
        assertThat(harness.extractOutputValues()).isEmpty();
        checkpoint = harness.snapshot(2, 2);
        close();

        models = Set.of("spam");
        start(NOTHING, checkpoint);
        announce(2);
        announce(3);
        assertThat(last().getChampion()).isEqualTo(1);
        assertThat(stage(2)).isEqualTo(RolloutStage.SHADOW);
        assertThat(stage(3)).isEqualTo(RolloutStage.WAITING);
    }

    /** The champion is wrong half of the time, the version after it never. */
    private void showThatTheCandidateIsBetter() throws Exception {
        for (int request = 0; request < 400; request++) {
            GivenAnswer served = answer(request, champion, Variant.CHAMPION, request % 2 == 0 ? "spam" : "ham");
            GivenAnswer shadow = answer(request, champion + 1, Variant.SHADOW, "spam");
            GivenLabel label = new GivenLabel("spam", served.requestId(), "spam", FeedbackSource.HUMAN, "ada", now, 1);
            harness.processElement1(new StreamRecord<>(new Observation(served, null, null, null, 0, 0)));
            harness.processElement1(new StreamRecord<>(new Observation(served, shadow, null, null, 0, 0)));
            harness.processElement1(new StreamRecord<>(new Observation(served, shadow, label, null, 0, 0)));
        }
    }

    /** The group that is shown; a new one where none is. */
    private MetricGroup metricsOf(int version) {
        return ((DecideRollouts) harness.getOperator())
                .getMetricGroup()
                .addGroup("model", "spam")
                .addGroup("version", Integer.toString(version));
    }

    /** Flink shows what a group has to reporters only. */
    private Object shown(String gauge) throws ReflectiveOperationException {
        Field metrics = AbstractMetricGroup.class.getDeclaredField("metrics");
        metrics.setAccessible(true);
        MetricGroup model =
                ((DecideRollouts) harness.getOperator()).getMetricGroup().addGroup("model", "spam");
        return ((Gauge<?>) ((Map<?, ?>) metrics.get(model)).get(gauge)).getValue();
    }

    private GivenAnswer answer(int request, int version, Variant variant, String label) {
        return new GivenAnswer(
                "spam",
                "id-" + request,
                "prediction-" + request + "-" + version,
                "spam",
                version,
                variant,
                label,
                0.9,
                false,
                false,
                100,
                now,
                1,
                Map.of(),
                false);
    }

    private void hear(DriftReport report) throws Exception {
        harness.processElement2(new StreamRecord<>(Notice.of(report)));
    }

    private void start(Known known, @Nullable OperatorSubtaskState checkpoint) throws Exception {
        harness = new KeyedTwoInputStreamOperatorTestHarness<>(
                new DecideRollouts(models, PLANS, Duration.ofSeconds(1), () -> REGISTRY, () -> known),
                Observation::model,
                Notice::model,
                Types.STRING);
        harness.setProcessingTime(now);
        if (checkpoint != null) {
            harness.initializeState(checkpoint);
        }
        harness.open();
    }

    private void pass(Duration time) throws Exception {
        now += time.toMillis();
        harness.setProcessingTime(now);
    }

    private void announce(int version) throws Exception {
        tell(Topic.MODEL_VERSIONS, someModelVersion("spam", version));
    }

    private void command(String id, RolloutAction action, @Nullable Integer version) throws Exception {
        tell(
                Topic.ROLLOUT_COMMANDS,
                RolloutCommand.newBuilder()
                        .setCommandId(id)
                        .setModel("spam")
                        .setAction(action)
                        .setVersion(version)
                        .setActor("ada")
                        .setReason("a test asks for it")
                        .setGivenAt(NOON)
                        .build());
    }

    private <T extends GenericContainer> void tell(Topic topic, T value) throws Exception {
        byte[] bytes = new AvroSerializer<T>(REGISTRY).serialize(topic.topicName(), value);
        harness.processElement2(new StreamRecord<>(Notice.of("spam", topic.topicName(), bytes)));
    }

    private static DriftReport drift(int version, boolean active) {
        return new DriftReport("spam", version, "FAIL", active, active, !active, "'rolling.amount' changed", 0.5, 0);
    }

    private List<RolloutState> states() {
        return written(Topic.ROLLOUTS, RolloutState.class);
    }

    private RolloutState newest() {
        List<RolloutState> states = states();
        return states.get(states.size() - 1);
    }

    private RolloutStep last() {
        List<RolloutStep> steps = newest().getSteps();
        return steps.get(steps.size() - 1);
    }

    private RolloutStage stage(int version) {
        return newest().getVersions().stream()
                .filter(standing -> standing.getVersion() == version)
                .findFirst()
                .orElseThrow()
                .getStage();
    }

    private <T extends SpecificRecord & GenericContainer> List<T> written(Topic topic, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(REGISTRY, type);
        return harness.extractOutputValues().stream()
                .filter(record -> record.topic().equals(topic.topicName()))
                .map(record -> deserializer.deserialize(record.topic(), record.value()))
                .toList();
    }
}
