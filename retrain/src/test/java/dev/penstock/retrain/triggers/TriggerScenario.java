package dev.penstock.retrain.triggers;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.retrain.MemoryRegistry;
import dev.penstock.retrain.runs.Range;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Fixtures;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What a job that triggers trainings of one model hears, and what it orders. */
abstract class TriggerScenario {
    static final long START = Fixtures.NOON.toEpochMilli();
    static final Duration SETTLING = Duration.ofSeconds(3);
    /** Ten labels begin a training, of which one source may give five. */
    static final TriggerSettings TEN = new TriggerSettings(
            10, 0.5, Duration.ZERO, true, 3, Duration.ofMinutes(10), false, 3, Duration.ofMinutes(1));

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerializer<SpecificRecord> serializer = new AvroSerializer<>(registry.open());
    KeyedOneInputStreamOperatorTestHarness<String, TrainingNews, TrainingOrder> harness;
    final long[] ends = new long[2];

    @BeforeEach
    void open() throws Exception {
        open(TEN);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    void open(TriggerSettings settings) throws Exception {
        harness = harness(settings);
        harness.open();
        harness.setProcessingTime(START);
    }

    KeyedOneInputStreamOperatorTestHarness<String, TrainingNews, TrainingOrder> harness(TriggerSettings settings)
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new TriggerTraining(
                        registry, new TriggerTraining.Settings(settings, Map.of(), 7, SETTLING, Duration.ofHours(1)))),
                TrainingNews::model,
                Types.STRING);
    }

    /** As many as begin a training, of two sources. */
    void tenLabels(int first) throws Exception {
        labels("ann", first, 5);
        labels("bob", first + 5, 5);
    }

    /** As many examples, the numbers of their requests from this on, in two partitions in turn. */
    void labels(String source, int first, int count) throws Exception {
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

    /** Version 1 is known, and so is the past. */
    void serving() throws Exception {
        announced(1);
        settled();
    }

    void announced(int version) throws Exception {
        hear(Kind.VERSION, Topic.MODEL_VERSIONS, Fixtures.someModelVersion("spam", version));
    }

    /** @param stages of the versions from 1 on */
    void rollout(int champion, @Nullable Integer candidate, RolloutStage... stages) throws Exception {
        rollout(Fixtures.NOON, champion, candidate, stages);
    }

    void rollout(Instant changedAt, int champion, @Nullable Integer candidate, RolloutStage... stages)
            throws Exception {
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
                        .setChangedAt(changedAt)
                        .build());
    }

    void command(String id, RolloutAction action) throws Exception {
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

    void ended(TrainingOrder order, TrainingPhase phase) throws Exception {
        ended(
                order.runId(),
                phase,
                order.version(),
                order.ranges().stream().map(Range::toAvro).toList());
    }

    void ended(String runId, TrainingPhase phase, int version, List<OffsetRange> ranges) throws Exception {
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

    void hear(Kind kind, Topic topic, SpecificRecord value) throws Exception {
        harness.processElement(
                new TrainingNews("spam", kind, 0, 0, "", "", serializer.serialize(topic.topicName(), value)), 0);
    }

    /** The first news of a model begins the time in which the past is heard of. */
    void settled() throws Exception {
        ended("spam/0/1", TrainingPhase.STARTED, 0, List.of());
        later(SETTLING);
    }

    void later(Duration duration) throws Exception {
        harness.setProcessingTime(harness.getProcessingTime() + duration.toMillis());
    }

    List<TrainingOrder> orders() {
        return harness.extractOutputValues();
    }

    <T extends SpecificRecord & GenericContainer> List<T> written(OutputTag<OutputRecord> side, Class<T> type) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(registry.open(), type);
        return harness.getSideOutput(side).stream()
                .map(record -> deserializer.deserialize(
                        record.getValue().topic(), record.getValue().value()))
                .toList();
    }
}
