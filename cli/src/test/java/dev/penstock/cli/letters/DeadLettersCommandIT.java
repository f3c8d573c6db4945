package dev.penstock.cli.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.StreamSupport;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    /** Of this test alone, as its pipelines. */
    private final String suffix = UUID.randomUUID().toString().substring(0, 8);

    private final String spam = "spam-" + suffix;
    private final String tone = "tone-" + suffix;
    private final String mails = "mails." + suffix;

    @BeforeEach
    void prepare() throws IOException {
        KAFKA.createCatalogue();
        KAFKA.createTopic(mails, 2, Map.of());
        String source = "source: {topic: %s, id: id, entity: box, payload: {text: body}}".formatted(mails);
        Files.write(
                directory.resolve("pipelines.yaml"),
                List.of(
                        "pipelines:",
                        "  %s: {modality: text, model: spam, %s}".formatted(spam, source),
                        "  %s: {modality: text, model: tone, duplicates: {window: PT10M}, %s}"
                                .formatted(tone, source.replace("body", "subject"))));
    }

    @Test
    void listsWhatWasAskedForAndCountsIt() {
        bury(letter(DeadLetterCode.MISSING_FIELD, new Origin(mails, 0, 7L), spam, "m1"), "a".getBytes(UTF_8), null);
        bury(letter(DeadLetterCode.MODEL_FAILED, new Origin("requests.text", 1, 8L), spam, "m2"), new byte[3], null);
        bury(letter(DeadLetterCode.MODEL_FAILED, new Origin("requests.text", 1, 9L), tone, "m3"), new byte[3], null);

        CommandRun all = letters("list", "--pipeline", spam);
        JsonNode failed = letters("list", "--pipeline", spam, "--reason", "model_failed", "--output", "json")
                .json();

        assertThat(all.exitCode()).as(all.err()).isZero();
        assertThat(all.err()).contains("2 in all: 1 MISSING_FIELD, 1 MODEL_FAILED");
        assertThat(all.out()).contains(mails + " 0:7").contains("m2").doesNotContain("m3");
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0).path("record").asText()).isEqualTo("requests.text 1:8");
        assertThat(failed.get(0).path("requestId").asText()).isEqualTo("m2");
        assertThat(letters("list", "--topic", mails, "--output", "json").json()).hasSize(1);
        assertThat(letters("list", "--pipeline", spam, "--until", "1h").err()).contains("There are none.");
        assertThat(letters("list", "--pipeline", spam, "--limit", "1").err()).contains("the newest 1 are listed");
    }

    @Test
    void showsWhyAndWhatTheBytesSay() {
        byte[] value = request(asked("m1", spam, new TextPayload("win a prize")));
        RecordMetadata place =
                bury(letter(DeadLetterCode.MODEL_FAILED, new Origin("requests.text", 1, 8L), spam, "m1"), value, null);

        CommandRun run = letters("show", "%d:%d".formatted(place.partition(), place.offset()));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("deadLetter").path("code").asText()).isEqualTo("MODEL_FAILED");
        assertThat(run.json().path("deadLetter").path("from").path("offset").asLong())
                .isEqualTo(8);
        assertThat(run.json().path("value").path("payload").path("text").asText())
                .isEqualTo("win a prize");
        assertThat(run.json().path("key").asText()).isEqualTo("the-key");
        assertThat(run.json().path("headers").path("trace").asText()).isEqualTo("t-1");
        CommandRun beyond = letters("show", "%d:%d".formatted(place.partition(), place.offset() + 1_000_000));
        assertThat(beyond.exitCode()).isEqualTo(2);
        assertThat(beyond.err()).contains("has offsets from 0 to");
    }

    @Test
    void sendsTheOriginalBytesBackToWhereTheyCameFromWithItsIdItsTimeAndItsHeaders() {
        Instant received = Instant.now().minus(Duration.ofMinutes(2)).truncatedTo(ChronoUnit.MILLIS);
        byte[] value = event("m1", "win a prize");
        RecordMetadata place =
                bury(letter(DeadLetterCode.PAYLOAD_TOO_LARGE, new Origin(mails, 1, 0L), spam, "m1"), value, received);

        CommandRun planned = replay("--pipeline", spam, "--dry-run");
        CommandRun sent = replay("--pipeline", spam, "--no-wait");

        assertThat(planned.exitCode()).as(planned.err()).isZero();
        assertThat(planned.out()).contains("would be sent to %s 1".formatted(mails));
        assertThat(sent.exitCode()).as(sent.err()).isZero();
        assertThat(sent.out()).contains("sent to %s 1:0".formatted(mails));
        List<ConsumerRecord<byte[], byte[]>> records = KAFKA.read(mails);
        assertThat(records).hasSize(1);
        ConsumerRecord<byte[], byte[]> record = records.get(0);
        assertThat(record.partition()).isEqualTo(1);
        assertThat(record.timestamp()).isEqualTo(received.toEpochMilli());
        assertThat(record.key()).isEqualTo("the-key".getBytes(UTF_8));
        assertThat(record.value()).isEqualTo(value);
        assertThat(names(record.headers())).containsExactly("trace", DeadLetter.REPLAY_OF);
        assertThat(new String(record.headers().lastHeader(DeadLetter.REPLAY_OF).value(), UTF_8))
                .isEqualTo("%d:%d".formatted(place.partition(), place.offset()));
    }

    @Test
    void aLetterThatWasSentAgainAndIsNotReadYetIsNotSentTwice() {
        bury(
                letter(DeadLetterCode.PAYLOAD_TOO_LARGE, new Origin(mails, 0, 0L), spam, "m1"),
                event("m1", "win a prize"),
                Instant.now());

        CommandRun first = replay("--pipeline", spam, "--no-wait");
        CommandRun second = replay("--pipeline", spam, "--no-wait");

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(second.out()).contains("nothing to do").contains("it was sent again, and waits to be read");
        assertThat(KAFKA.read(mails)).hasSize(1);
    }

    @Test
    void aRequestThatWasAnsweredIsNotSentAgain() {
        byte[] value = request(asked("answered-" + suffix, spam, new TextPayload("win a prize")));
        bury(
                letter(DeadLetterCode.MODEL_FAILED, new Origin("requests.text", 1, 8L), spam, "answered-" + suffix),
                value,
                null);
        send(Topic.PREDICTIONS, "answered-" + suffix, answer("answered-" + suffix));
        long before = KAFKA.read("requests.text").size();

        CommandRun run = replay("--pipeline", spam, "--no-wait");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("nothing to do").contains("was answered by then: prediction f81d4fae");
        assertThat(KAFKA.read("requests.text")).hasSize((int) before);
    }

    @Test
    void whatWouldBeRefusedAgainOrReadTwiceIsKeptAndTheReasonSaid() {
        Instant now = Instant.now();
        bury(letter(DeadLetterCode.MISSING_FIELD, new Origin(mails, 0, 0L), spam, "m1"), event("m1", null), now);
        bury(letter(DeadLetterCode.MALFORMED_RECORD, new Origin(mails, 0, 1L), spam, "m2"), new byte[] {1, 2}, now);
        bury(letter(DeadLetterCode.WRONG_TYPE, new Origin("predictions", 0, 1L), spam, "m3"), new byte[1], now);
        bury(letter(DeadLetterCode.WRONG_TYPE, new Origin("elsewhere", 0, 1L), spam, "m4"), new byte[1], now);
        bury(
                letter(DeadLetterCode.CRASHED_MODEL, new Origin("requests.text", 0, 1L), spam, "m5"),
                request(asked("m5", spam, new TextPayload("crash"))),
                now);
        bury(
                letter(DeadLetterCode.UNKNOWN_PIPELINE, new Origin("requests.text", 0, 2L), spam, "m6"),
                request(asked("m6", "no-such", new TextPayload("whose?"))),
                now);
        // The other pipeline took it an hour ago, and remembers ten minutes.
        bury(
                letter(DeadLetterCode.PAYLOAD_TOO_LARGE, new Origin(mails, 0, 5L), spam, "m7"),
                event("m7", "win a prize"),
                now.minus(Duration.ofHours(1)));

        CommandRun run = replay("--pipeline", spam, "--no-wait", "--output", "json");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(StreamSupport.stream(run.json().spliterator(), false)
                        .map(row -> row.path("done").asText() + ": "
                                + row.path("outcome").asText()))
                .hasSize(7)
                .allMatch(row -> row.startsWith("kept: "))
                .anyMatch(row -> row.contains("pipeline '%s' would refuse it again: MISSING_FIELD".formatted(spam)))
                .anyMatch(row -> row.contains("would be refused again"))
                .anyMatch(row -> row.contains("whoever else reads 'predictions' would read it twice"))
                .anyMatch(row -> row.contains("no pipeline reads 'elsewhere'"))
                .anyMatch(row -> row.contains("add --crashed"))
                .anyMatch(row -> row.contains("there is no pipeline 'no-such'"))
                .anyMatch(row -> row.contains("pipeline '%s' took the event".formatted(tone))
                        && row.contains("duplicate window of PT10M is over"));
        assertThat(KAFKA.read(mails)).isEmpty();
    }

    @Test
    void ofSeveralLettersOfOneRequestTheNewestIsSent() {
        Instant now = Instant.now();
        byte[] value = request(asked("again-" + suffix, spam, new TextPayload("win a prize")));
        for (long offset = 0; offset < 2; offset++) {
            bury(
                    letter(
                            DeadLetterCode.MODEL_FAILED,
                            new Origin("requests.text", 2, offset),
                            spam,
                            "again-" + suffix),
                    value,
                    now.plusMillis(offset));
        }

        JsonNode rows =
                replay("--pipeline", spam, "--no-wait", "--output", "json").json();

        assertThat(rows).hasSize(2);
        assertThat(StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.path("done").asText()))
                .filteredOn(done -> done.startsWith("sent to requests.text 2:"))
                .hasSize(1);
        assertThat(rows.toString()).contains("is of the same request");
    }

    @Test
    void bytesThatDidNotFitAreTakenFromTheRecordItself() throws Exception {
        byte[] value = event("m1", "a large mail");
        RecordMetadata original = send(new ProducerRecord<>(mails, 1, "k".getBytes(UTF_8), value));
        Headers headers = new RecordHeaders(
                letter(DeadLetterCode.PAYLOAD_TOO_LARGE, new Origin(mails, 1, original.offset()), spam, "m1")
                        .toHeaders());
        headers.add(DeadLetter.OMITTED_BYTES, Integer.toString(value.length).getBytes(UTF_8));
        send(new ProducerRecord<>("dead-letters", 0, original.timestamp(), new byte[0], null, headers));

        CommandRun run = replay("--pipeline", spam, "--no-wait");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(KAFKA.read(mails)).hasSize(2).allSatisfy(record -> {
            assertThat(record.value()).isEqualTo(value);
            assertThat(record.key()).isEqualTo("k".getBytes(UTF_8));
        });
    }

    @Test
    void nothingIsSentUnlessSomethingSaysWhich() {
        CommandRun run = replay("--dry-run");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("nothing says which").contains("--all");
    }

    private CommandRun replay(String... arguments) {
        List<String> all = new ArrayList<>(List.of("replay"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--pipelines", directory.resolve("pipelines.yaml").toString()));
        return letters(all.toArray(String[]::new));
    }

    private CommandRun letters(String... arguments) {
        List<String> all = new ArrayList<>(List.of("dead-letters"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl()));
        all.addAll(List.of("--data", directory.toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static DeadLetter letter(DeadLetterCode code, Origin from, String pipeline, String requestId) {
        return new DeadLetter(
                code,
                "for a test",
                "",
                from,
                Optional.empty(),
                from.getTopic().startsWith("requests.") ? "inference" : "ingest",
                Optional.of(pipeline),
                Optional.of(requestId));
    }

    private static RecordMetadata bury(DeadLetter letter, byte[] value, @Nullable Instant time) {
        Headers headers = new RecordHeaders(letter.toHeaders());
        headers.add("trace", "t-1".getBytes(UTF_8));
        return send(new ProducerRecord<>(
                "dead-letters",
                0,
                time == null ? null : time.toEpochMilli(),
                "the-key".getBytes(UTF_8),
                value,
                headers));
    }

    private static RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            return producer.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(Topic topic, String key, Prediction value) {
        byte[] bytes = new AvroSerializer<Prediction>(KAFKA.registry()).serialize(topic.topicName(), value);
        send(new ProducerRecord<>(topic.topicName(), key.getBytes(UTF_8), bytes));
    }

    private static InferenceRequest asked(String requestId, String pipeline, Object payload) {
        return InferenceRequest.newBuilder()
                .setRequestId(requestId)
                .setPipeline(pipeline)
                .setEntityId("box-1")
                .setEventTime(Instant.EPOCH)
                .setPayload(payload)
                .build();
    }

    private Prediction answer(String requestId) {
        return Prediction.newBuilder()
                .setPredictionId("f81d4fae-7dec-51d0-a765-00a0c91e6bf6")
                .setRequestId(requestId)
                .setPipeline(spam)
                .setEntityId("box-1")
                .setEventTime(Instant.EPOCH)
                .setOrigin(new Origin(mails, 1, 8L))
                .setModel("spam")
                .setModelVersion(3)
                .setBundleDigest("0123456789abcdef".repeat(4))
                .setOutcome(new Decision("spam", 0.9375, List.of("spam")))
                .setScores(Map.of("spam", 0.9375f))
                .setThreshold(0.5)
                .setPolicyVersion(1)
                .setTiming(Timing.newBuilder()
                        .setReceivedAt(Instant.EPOCH)
                        .setRequestedAt(Instant.EPOCH)
                        .setScoredAt(Instant.EPOCH)
                        .setDecodeMicros(120)
                        .setScoreMicros(900)
                        .build())
                .build();
    }

    private static byte[] request(InferenceRequest request) {
        return new AvroSerializer<InferenceRequest>(KAFKA.registry()).serialize("requests.text", request);
    }

    /** A mail; without a body it is of no use to the first pipeline, but has a subject for the second. */
    private byte[] event(String id, @Nullable String body) {
        GenericRecord event = new GenericRecordBuilder(SchemaBuilder.record("Mail")
                        .fields()
                        .requiredString("id")
                        .requiredString("box")
                        .requiredString("subject")
                        .optionalString("body")
                        .endRecord())
                .set("id", id)
                .set("box", "box-1")
                .set("subject", "hello")
                .set("body", body)
                .build();
        return new AvroSerializer<GenericRecord>(KAFKA.registry()).serialize(mails, event);
    }

    private static List<String> names(Headers headers) {
        List<String> names = new ArrayList<>();
        headers.forEach(header -> names.add(header.key()));
        return names;
    }
}
