package dev.penstock.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HistoryCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final String model = "model-" + UUID.randomUUID();

    @BeforeEach
    void letSomethingHappen() throws Exception {
        KAFKA.createCatalogue();
        try (KafkaProducer<String, SpecificRecord> producer = KAFKA.producer()) {
            // Written in another order than it happened in.
            send(producer, Topic.ROLLOUT_HISTORY, model, event(2, RolloutStage.CANARY, 0.05, 60, "rollout", null));
            send(producer, Topic.ROLLOUT_HISTORY, model, event(2, RolloutStage.ROLLED_BACK, 0, 90, "ada", "c-1"));
            send(producer, Topic.ROLLOUT_HISTORY, model, event(1, RolloutStage.CHAMPION, 1, 1, "rollout", null));
            send(producer, Topic.MODEL_VERSIONS, model + "/1", published(1, 0, null, List.of()));
            send(producer, Topic.MODEL_VERSIONS, model + "/2", published(2, 30, 1, List.of()));
            send(producer, Topic.MODEL_VERSIONS, model + "/3", published(3, 70, 1, List.of("error 0.3 is above 0.1")));
            send(producer, Topic.TRAINING_RUNS, model, training(TrainingPhase.STARTED, 20, ""));
            send(producer, Topic.TRAINING_RUNS, model, training(TrainingPhase.LEARNING, 25, "epoch 1 of 2"));
            send(producer, Topic.TRAINING_RUNS, model, training(TrainingPhase.PUBLISHED, 29, "0.93 on held-out"));
            send(producer, Topic.ALERTS, model, alert(AlertCode.WAITING_FOR_MODEL, null, 0));
            send(producer, Topic.ALERTS, model, alert(AlertCode.VERSION_REFUSED, 4, 95));
            send(producer, Topic.ALERTS, model, alert(AlertCode.VERSION_REFUSED, 4, 96));
            send(producer, Topic.ROLLOUT_HISTORY, "another", event(9, RolloutStage.SHADOW, 0, 5, "rollout", null));
        }
        KAFKA.send("rollout-history", model.getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3});
    }

    @Test
    void tellsWhatHappenedInTheOrderInWhichItDid() {
        JsonNode told = history("--output", "json").json();

        assertThat(told)
                .extracting(each -> "%s %s"
                        .formatted(
                                each.path("version").asText(), each.path("what").asText()))
                .containsExactly(
                        "1 published",
                        "1 champion",
                        "2 training-published",
                        "2 published",
                        "2 canary",
                        "3 published-refused",
                        "2 rolled-back",
                        "4 alert-version-refused");
        assertThat(told.path(4).path("share").asDouble()).isEqualTo(0.05);
        assertThat(told.path(5).path("because").asText())
                .isEqualTo("trained from version 1; must not serve: error 0.3 is above 0.1");
        assertThat(told.path(6).path("by").asText()).isEqualTo("ada");
        assertThat(told.path(6).path("reference").asText()).isEqualTo("c-1");
    }

    @Test
    void tellsEveryReportAndAlertIfAskedTo() {
        assertThat(history("--verbose", "--output", "json").json())
                .extracting(each -> each.path("what").asText())
                .contains("training-started", "training-learning", "training-published", "alert-waiting-for-model");
    }

    @Test
    void printsATable() {
        CommandRun run = history();

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern("2026-01-01T12:01:00Z +2 +canary +5% +rollout +event 60")
                .containsPattern(
                        "2026-01-01T12:00:29Z +2 +training-published +- +retrain +because of labels: 0.93 on held-out");
    }

    @Test
    void saysThatNothingHappened() {
        CommandRun run = CommandRun.of(
                "models",
                "history",
                "nobody",
                "--brokers",
                KAFKA.bootstrapServers(),
                "--registry",
                KAFKA.registryUrl());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("nothing ever happened to it").contains(model);
    }

    private CommandRun history(String... options) {
        List<String> all = new ArrayList<>(List.of("models", "history", model));
        all.addAll(List.of(options));
        all.addAll(List.of("--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static void send(
            KafkaProducer<String, SpecificRecord> producer, Topic topic, String key, SpecificRecord value)
            throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>(topic.topicName(), key, value)).get();
    }

    private RolloutEvent event(
            int version, RolloutStage stage, double share, int second, String actor, @Nullable String command) {
        return new RolloutEvent(
                model, version, stage, share, NOON.plusSeconds(second), "event " + second, actor, command, null);
    }

    private ModelVersion published(int version, int second, @Nullable Integer parent, List<String> refusedBecause) {
        return ModelVersion.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setModality(Modality.TEXT)
                .setDigest("0".repeat(64))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(ArtifactLocation.newBuilder().build())
                .setPublishedAt(NOON.plusSeconds(second))
                .setPublishedBy("retrain")
                .setParent(parent)
                .setRefusedBecause(refusedBecause)
                .build();
    }

    private TrainingRun training(TrainingPhase phase, int second, String message) {
        return TrainingRun.newBuilder()
                .setRunId(model + "/2/1")
                .setModel(model)
                .setPhase(phase)
                .setCause(TrainingCause.LABELS)
                .setVersion(2)
                .setMessage(message)
                .setReportedAt(NOON.plusSeconds(second))
                .build();
    }

    private Alert alert(AlertCode code, @Nullable Integer version, int second) {
        return new Alert(model, version, code, "alert", "inference", NOON.plusSeconds(second));
    }
}
