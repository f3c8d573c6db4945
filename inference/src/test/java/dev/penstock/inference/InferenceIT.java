package dev.penstock.inference;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.somePng;
import static dev.penstock.schemas.Fixtures.someWave;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.flink.RunningJob;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: real TensorFlow bundles and requests through Kafka and the registry, predictions back. */
class InferenceIT {
    private static final int PLENTY = 10_000;

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void answersEveryModalityAndWhatIsBrokenBetween() throws Exception {
        InferencePlatform platform = new InferencePlatform(KAFKA, directory, """
                pipelines:
                  it-text: {modality: text, model: it-text}
                  it-image: {modality: image, model: it-image}
                  it-audio: {modality: audio, model: it-audio}
                  it-record: {modality: record, model: it-record}
                """);
        ModelVersion text = platform.publish("it-text", TinyModels.text(directory.resolve("text"), 1));
        platform.publish("it-image", TinyModels.image(directory.resolve("image"), 1));
        platform.publish("it-audio", TinyModels.audio(directory.resolve("audio"), 1));
        platform.publish("it-record", TinyModels.record(directory.resolve("record"), 1));

        try (RunningJob job = platform.start(platform.config(Delivery.AT_LEAST_ONCE, PLENTY), Optional.empty())) {
            job.running();
            platform.send(
                    Topic.REQUESTS_TEXT,
                    List.of(
                            request("t-1", "it-text", new TextPayload("cheap spam")),
                            request("t-2", "it-text", new TextPayload(TinyModels.BREAKING_TEXT)),
                            request("t-3", "it-text", new TextPayload("see you"))));
            platform.sendBytes(Topic.REQUESTS_TEXT, "{\"not\": \"Avro\"}".getBytes(UTF_8));
            platform.send(
                    Topic.REQUESTS_IMAGE,
                    List.of(
                            request("i-1", "it-image", image(somePng(4, 4))),
                            request("i-2", "it-image", image("no image".getBytes(UTF_8))),
                            request("i-3", "it-image", image(somePng(64, 48)))));
            platform.send(
                    Topic.REQUESTS_AUDIO,
                    List.of(
                            request("a-1", "it-audio", audio(someWave(8_000))),
                            request("a-2", "it-audio", audio(somePng(4, 4))),
                            request("a-3", "it-audio", audio(someWave(4_000)))));
            platform.send(
                    Topic.REQUESTS_RECORD,
                    List.of(
                            request("r-1", "it-record", features(250)),
                            request("r-2", "it-record", new FeaturesPayload(Map.of("night", 1.0), Map.of())),
                            request("r-3", "it-record", features(900)),
                            request("r-4", "it-text", new TextPayload("in the wrong topic"))));

            Map<String, Prediction> predictions = platform.awaitPredictions(8).stream()
                    .collect(toMap(Prediction::getRequestId, prediction -> prediction));
            List<DeadLetter> letters = platform.awaitDeadLetters(6);

            assertThat(predictions).containsOnlyKeys("t-1", "t-3", "i-1", "i-3", "a-1", "a-3", "r-1", "r-3");
            assertThat(predictions.get("t-1").getScores().get("spam"))
                    .isCloseTo(TinyModels.spamScore(true, 1), within(1e-6f));
            assertThat(((Decision) predictions.get("t-3").getOutcome()).getLabel())
                    .isEqualTo("ham");
            assertThat(predictions.get("t-1").getBundleDigest()).isEqualTo(text.getDigest());
            assertThat(predictions.get("i-1").getScores()).containsOnlyKeys("dark", "bright");
            assertThat(predictions.get("a-3").getScores()).containsOnlyKeys("quiet", "loud");
            assertThat(predictions.get("r-3").getScores().get("fraud"))
                    .isCloseTo(TinyModels.fraudScore(900, 0, 1), within(1e-6f));
            assertThat(letters)
                    .extracting(letter -> letter.requestId().orElse("unreadable"), DeadLetter::code)
                    .containsExactlyInAnyOrder(
                            tuple("t-2", DeadLetterCode.MODEL_FAILED),
                            tuple("unreadable", DeadLetterCode.MALFORMED_RECORD),
                            tuple("i-2", DeadLetterCode.INVALID_IMAGE),
                            tuple("a-2", DeadLetterCode.INVALID_AUDIO),
                            tuple("r-2", DeadLetterCode.MISSING_FEATURE),
                            tuple("r-4", DeadLetterCode.UNKNOWN_PIPELINE));
        }
    }

    private static ImagePayload image(byte[] content) {
        return new ImagePayload(ByteBuffer.wrap(content), "");
    }

    private static AudioPayload audio(byte[] content) {
        return new AudioPayload(ByteBuffer.wrap(content), "");
    }

    private static FeaturesPayload features(double amount) {
        return new FeaturesPayload(Map.of("amount", amount), Map.of());
    }
}
