package dev.penstock.schemas.topics;

import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/** Every topic of the platform: its name, what it holds, and how long that is kept. */
public enum Topic {
    REQUESTS_IMAGE("requests.image", InferenceRequest.class, days(7), Size.LARGE),
    REQUESTS_AUDIO("requests.audio", InferenceRequest.class, days(7), Size.LARGE),
    REQUESTS_TEXT("requests.text", InferenceRequest.class, days(7), Size.NORMAL),
    REQUESTS_RECORD("requests.record", InferenceRequest.class, days(7), Size.NORMAL),
    PREDICTIONS("predictions", Prediction.class, days(7), Size.LARGEST),
    /** What versions that only shadow would have decided; as {@link #PREDICTIONS}, but nobody acts on it. */
    SHADOW_PREDICTIONS("shadow-predictions", Prediction.class, days(7), Size.LARGEST),
    FEEDBACK("feedback", Feedback.class, days(365), Size.NORMAL),
    LABELLED_EXAMPLES("labelled-examples", LabelledExample.class, days(365), Size.LARGEST),
    TRAINING_RUNS("training-runs", TrainingRun.class, days(365), Size.NORMAL),
    /** Compacted: the newest record of each key stays. */
    MODEL_VERSIONS("model-versions", ModelVersion.class, null, Size.NORMAL),
    /** Compacted: the newest record of each key stays. */
    MODEL_ARTIFACTS("model-artifacts", ModelArtifactChunk.class, null, Size.NORMAL),
    /** Compacted: the newest record of each key stays. */
    ROLLOUTS("rollouts", RolloutState.class, null, Size.NORMAL),
    ROLLOUT_HISTORY("rollout-history", RolloutEvent.class, days(3650), Size.NORMAL),
    ROLLOUT_COMMANDS("rollout-commands", RolloutCommand.class, days(365), Size.NORMAL),
    EVALUATIONS("evaluations", Evaluation.class, days(30), Size.NORMAL),
    ALERTS("alerts", Alert.class, days(30), Size.NORMAL),
    /** Original bytes of any schema or none, so it has none of its own. */
    DEAD_LETTERS("dead-letters", null, days(90), Size.LARGEST);

    /** The largest request, its payload and all else. */
    public static final int LARGE_RECORD_BYTES = 10 * 1024 * 1024;

    /** The largest record of all: what becomes of the largest request, with headers; producers are set to it. */
    public static final int LARGEST_RECORD_BYTES = 11 * 1024 * 1024;

    private static final int NORMAL_RECORD_BYTES = 1024 * 1024;

    private enum Size {
        /** What brokers take by default. */
        NORMAL,
        LARGE,
        /** For what is made from requests: a prediction repeats attributes, a dead letter everything. */
        LARGEST
    }

    private final String topicName;
    private final @Nullable Class<? extends SpecificRecord> type;
    /** Null where the newest record of each key stays. */
    private final @Nullable Duration retention;

    private final Size size;

    Topic(String topicName, @Nullable Class<? extends SpecificRecord> type, @Nullable Duration retention, Size size) {
        this.topicName = topicName;
        this.type = type;
        this.retention = retention;
        this.size = size;
    }

    private static Duration days(int days) {
        return Duration.ofDays(days);
    }

    /** The name in Kafka. */
    public String topicName() {
        return topicName;
    }

    /** What the values are; empty for {@link #DEAD_LETTERS}. */
    public Optional<Schema> schema() {
        return Optional.ofNullable(type).map(SpecificData.get()::getSchema);
    }

    /** Where the registry keeps the schema of the values. */
    public String subject() {
        return SchemaRegistry.subjectOf(topicName);
    }

    /** @throws IllegalArgumentException for a modality that this version does not know */
    public static Topic requestsOf(Modality modality) {
        return switch (modality) {
            case IMAGE -> REQUESTS_IMAGE;
            case AUDIO -> REQUESTS_AUDIO;
            case TEXT -> REQUESTS_TEXT;
            case RECORD -> REQUESTS_RECORD;
            case UNKNOWN ->
                throw new IllegalArgumentException(
                        "Cannot name a requests topic: the modality is not known to this version of Penstock");
        };
    }

    public static Optional<Topic> named(String topicName) {
        for (Topic topic : values()) {
            if (topic.topicName.equals(topicName)) {
                return Optional.of(topic);
            }
        }
        return Optional.empty();
    }

    /** The largest record that it takes, with key, headers and framing. */
    public int largestRecordBytes() {
        return switch (size) {
            case NORMAL -> NORMAL_RECORD_BYTES;
            case LARGE -> LARGE_RECORD_BYTES;
            case LARGEST -> LARGEST_RECORD_BYTES;
        };
    }

    /** Topic settings that differ from the broker's defaults. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        if (retention == null) {
            settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        } else {
            settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
            settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        }
        if (size != Size.NORMAL) {
            settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(largestRecordBytes()));
        }
        return Map.copyOf(settings);
    }
}
