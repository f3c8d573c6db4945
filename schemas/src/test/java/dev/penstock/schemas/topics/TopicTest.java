package dev.penstock.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicTest {
    @Test
    void keepsEachTopicAsLongAsTheDesignSays() {
        assertThat(Arrays.stream(Topic.values())).allSatisfy(topic -> assertThat(topic.settings())
                .as(topic.topicName())
                .isEqualTo(
                        switch (topic) {
                            case REQUESTS_IMAGE, REQUESTS_AUDIO ->
                                Map.of(
                                        "cleanup.policy", "delete",
                                        "retention.ms", millis(7),
                                        "max.message.bytes", "10485760");
                            case REQUESTS_TEXT, REQUESTS_RECORD ->
                                Map.of("cleanup.policy", "delete", "retention.ms", millis(7));
                            case PREDICTIONS, SHADOW_PREDICTIONS ->
                                Map.of(
                                        "cleanup.policy", "delete",
                                        "retention.ms", millis(7),
                                        "max.message.bytes", "11534336");
                            case MODEL_VERSIONS, MODEL_ARTIFACTS, ROLLOUTS -> Map.of("cleanup.policy", "compact");
                            case FEEDBACK, TRAINING_RUNS, ROLLOUT_COMMANDS ->
                                Map.of("cleanup.policy", "delete", "retention.ms", millis(365));
                            case LABELLED_EXAMPLES ->
                                Map.of(
                                        "cleanup.policy", "delete",
                                        "retention.ms", millis(365),
                                        "max.message.bytes", "11534336");
                            case ROLLOUT_HISTORY -> Map.of("cleanup.policy", "delete", "retention.ms", millis(3650));
                            case ALERTS, EVALUATIONS -> Map.of("cleanup.policy", "delete", "retention.ms", millis(30));
                            case DEAD_LETTERS ->
                                Map.of(
                                        "cleanup.policy", "delete",
                                        "retention.ms", millis(90),
                                        "max.message.bytes", "11534336");
                        }));
    }

    @Test
    void namesWhatEachTopicHolds() {
        assertThat(Arrays.stream(Topic.values())).allSatisfy(topic -> assertThat(
                        topic.schema().map(schema -> schema.getName()).orElse("bytes"))
                .as(topic.topicName())
                .isEqualTo(
                        switch (topic) {
                            case REQUESTS_IMAGE, REQUESTS_AUDIO, REQUESTS_TEXT, REQUESTS_RECORD ->
                                InferenceRequest.class.getSimpleName();
                            case PREDICTIONS, SHADOW_PREDICTIONS -> Prediction.class.getSimpleName();
                            case MODEL_VERSIONS -> ModelVersion.class.getSimpleName();
                            case MODEL_ARTIFACTS -> ModelArtifactChunk.class.getSimpleName();
                            case FEEDBACK -> Feedback.class.getSimpleName();
                            case LABELLED_EXAMPLES -> LabelledExample.class.getSimpleName();
                            case TRAINING_RUNS -> TrainingRun.class.getSimpleName();
                            case ROLLOUTS -> RolloutState.class.getSimpleName();
                            case ROLLOUT_HISTORY -> RolloutEvent.class.getSimpleName();
                            case ROLLOUT_COMMANDS -> RolloutCommand.class.getSimpleName();
                            case EVALUATIONS -> Evaluation.class.getSimpleName();
                            case ALERTS -> Alert.class.getSimpleName();
                            case DEAD_LETTERS -> "bytes";
                        }));
    }

    @Test
    void whatBecomesOfTheLargestRequestFitsWhereItIsWritten() {
        int largestRequest = Arrays.stream(Modality.values())
                .filter(modality -> modality != Modality.UNKNOWN)
                .mapToInt(modality -> Topic.requestsOf(modality).largestRecordBytes())
                .max()
                .orElseThrow();

        assertThat(Topic.DEAD_LETTERS.largestRecordBytes()).isGreaterThan(largestRequest);
        assertThat(Topic.PREDICTIONS.largestRecordBytes()).isGreaterThan(largestRequest);
        assertThat(Arrays.stream(Topic.values()))
                .allMatch(topic -> topic.largestRecordBytes() <= Topic.LARGEST_RECORD_BYTES);
    }

    @Test
    void givesEachModalityItsOwnRequests() {
        assertThat(Topic.requestsOf(Modality.IMAGE).topicName()).isEqualTo("requests.image");
        assertThat(Topic.requestsOf(Modality.AUDIO).topicName()).isEqualTo("requests.audio");
        assertThat(Topic.requestsOf(Modality.TEXT).topicName()).isEqualTo("requests.text");
        assertThat(Topic.requestsOf(Modality.RECORD).topicName()).isEqualTo("requests.record");
        assertThatThrownBy(() -> Topic.requestsOf(Modality.UNKNOWN)).hasMessageContaining("not known to this version");
    }

    @Test
    void isFoundByItsNameInKafka() {
        assertThat(Arrays.stream(Topic.values()))
                .allSatisfy(topic -> assertThat(Topic.named(topic.topicName())).contains(topic));
        assertThat(Topic.named("requests.smell")).isEmpty();
        assertThat(Topic.PREDICTIONS.subject()).isEqualTo("predictions-value");
    }

    private static String millis(int days) {
        return Long.toString(Duration.ofDays(days).toMillis());
    }
}
