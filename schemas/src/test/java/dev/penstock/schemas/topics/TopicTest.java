package dev.penstock.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
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
                            case PREDICTIONS ->
                                Map.of(
                                        "cleanup.policy", "delete",
                                        "retention.ms", millis(7),
                                        "max.message.bytes", "11534336");
                            case MODEL_VERSIONS, MODEL_ARTIFACTS -> Map.of("cleanup.policy", "compact");
                            case FEEDBACK -> Map.of("cleanup.policy", "delete", "retention.ms", millis(365));
                            case ALERTS -> Map.of("cleanup.policy", "delete", "retention.ms", millis(30));
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
                            case PREDICTIONS -> Prediction.class.getSimpleName();
                            case MODEL_VERSIONS -> ModelVersion.class.getSimpleName();
                            case MODEL_ARTIFACTS -> ModelArtifactChunk.class.getSimpleName();
                            case FEEDBACK -> Feedback.class.getSimpleName();
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
