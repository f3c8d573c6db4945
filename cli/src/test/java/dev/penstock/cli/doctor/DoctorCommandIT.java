package dev.penstock.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    Path directory;

    @Test
    void stillReportsWhereNothingAnswers() {
        long start = System.nanoTime();

        CommandRun run = CommandRun.of(
                "doctor",
                "--brokers",
                "localhost:1",
                "--registry",
                "http://localhost:1",
                "--flink",
                "http://localhost:1",
                "--data",
                directory.toString(),
                "--output",
                "json");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(about(run, "Kafka")).extracting(DoctorCommandIT::status).containsExactly("PROBLEM");
        assertThat(about(run, "registry")).extracting(DoctorCommandIT::status).containsExactly("PROBLEM");
        assertThat(about(run, "Flink")).extracting(DoctorCommandIT::status).containsExactly("PROBLEM");
        assertThat(about(run, "TensorFlow")).extracting(DoctorCommandIT::status).containsExactly("OK");
        assertThat(about(run, "disk"))
                .as("where the data lies is another machine's")
                .isEmpty();
        assertThat(run.json()).allSatisfy(finding -> assertThat(
                        finding.path("remedy").asText().isEmpty())
                .isEqualTo(status(finding).equals("OK")));
    }

    @Test
    void saysThatNoPlatformIsKnown() {
        CommandRun run = CommandRun.of("doctor", "--data", directory.toString(), "--output", "json");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(about(run, "Kafka").get(0).path("finding").asText()).contains("no platform was started");
        assertThat(about(run, "disk")).hasSize(1);
    }

    @Test
    void reportsWhatIsThereAndWhatWasComplainedAbout() throws Exception {
        KAFKA.createCatalogue();
        complain();
        Path pipelines = directory.resolve("pipelines.yaml");
        writePipelines(pipelines);

        CommandRun run = CommandRun.of(
                "doctor",
                "--brokers",
                KAFKA.bootstrapServers(),
                "--registry",
                KAFKA.registryUrl(),
                "--data",
                directory.toString(),
                "--pipelines",
                pipelines.toString(),
                "--output",
                "json");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(about(run, "Kafka").get(0).path("finding").asText()).contains("1 broker", "metadata of Kafka 4.2");
        assertThat(about(run, "clocks")).extracting(DoctorCommandIT::status).containsExactly("OK");
        assertThat(about(run, "registry")).extracting(DoctorCommandIT::status).containsExactly("OK");
        assertThat(about(run, "dead letters").get(0).path("finding").asText()).contains("2 INVALID_IMAGE");
        assertThat(about(run, "alerts"))
                .extracting(finding -> finding.path("finding").asText())
                .anySatisfy(text -> assertThat(text).contains("model doctored: refused for a test"));
        assertThat(about(run, "topics"))
                .extracting(finding -> finding.path("finding").asText())
                .contains("pipeline mails reads topic doctor.mails, which does not exist");
        assertThat(about(run, "models"))
                .extracting(finding -> finding.path("finding").asText())
                .containsExactly("pipeline mails asks for model doctored, which has no version: its requests wait");
        assertThat(about(run, "inference")).extracting(DoctorCommandIT::status).containsExactly("OK");
        assertThat(about(run, "rollout")).extracting(DoctorCommandIT::status).containsExactly("OK");
    }

    private static List<JsonNode> about(CommandRun run, String about) {
        return StreamSupport.stream(run.json().spliterator(), false)
                .filter(finding -> finding.path("about").asText().equals(about))
                .toList();
    }

    private static String status(JsonNode finding) {
        return finding.path("status").asText();
    }

    private static void complain() throws InterruptedException, ExecutionException {
        DeadLetter letter = new DeadLetter(
                DeadLetterCode.INVALID_IMAGE,
                "not an image",
                "",
                new Origin("requests.image", 0, 1L),
                Optional.empty(),
                "inference",
                Optional.empty(),
                Optional.empty());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int count = 0; count < 2; count++) {
                producer.send(new ProducerRecord<>(
                                "dead-letters", null, null, null, "x".getBytes(UTF_8), letter.toHeaders()))
                        .get();
            }
        }
        try (KafkaProducer<String, Alert> producer = KAFKA.producer()) {
            producer.send(new ProducerRecord<>(
                            "alerts",
                            "doctored",
                            Alert.newBuilder()
                                    .setModel("doctored")
                                    .setModelVersion(1)
                                    .setCode(AlertCode.VERSION_REFUSED)
                                    .setMessage("refused for a test")
                                    .setRaisedBy("inference")
                                    .setRaisedAt(Instant.now())
                                    .build()))
                    .get();
        }
    }

    private static void writePipelines(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("pipelines:");
        lines.add("  mails:");
        lines.add("    modality: text");
        lines.add("    model: doctored");
        lines.add("    source: {topic: doctor.mails, id: id, entity: sender, payload: {text: body}}");
        Files.write(file, lines);
    }
}
