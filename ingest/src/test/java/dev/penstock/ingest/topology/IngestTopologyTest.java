package dev.penstock.ingest.topology;

import static dev.penstock.ingest.topology.IngestHarness.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IngestTopologyTest {
    private static final String SPAM = """
            pipelines:
              spam:
                modality: text
                model: spam
                source: {topic: mails, id: id, entity: sender, payload: {text: body}}
            """;
    private static final String ALL = """
            pipelines:
              spam:
                modality: text
                model: spam
                limits: {payload-bytes: 1KiB}
                source: {topic: mails, id: id, entity: sender, payload: {text: body}}
              digits:
                modality: image
                model: digits
                source:
                  topic: scans
                  id: id
                  entity: device
                  keyed-by: entity
                  payload: {image: {content: content, content-type: mime}}
              language:
                modality: audio
                model: language
                duplicates: {window: PT0S}
                source: {topic: clips, id: id, entity: device, payload: {audio: content}}
              fraud:
                modality: record
                model: fraud
                source:
                  topic: payments
                  id: id
                  entity: card
                  time: at
                  keyed-by: id
                  payload: {features: {numbers: [amount], categories: {card: card}}}
              fraud-vector:
                modality: record
                model: fraud-vector
                source: {topic: payments, id: id, entity: card, payload: {vector: embedding}}
            """;

    @Test
    void eachModalityGoesToItsTopicWithItsPayload() {
        try (IngestHarness ingest = new IngestHarness(ALL)) {
            ingest.send("mails", Events.mail("m-1"));
            ingest.send("scans", Events.scan("s-1", new byte[] {1, 2}));
            ingest.send("clips", Events.scan("c-1", new byte[] {3}));
            ingest.send("payments", Events.payment("p-1", 12.5, List.of(1f, 2f), NOW.toEpochMilli()));

            assertThat(ingest.requests(Topic.REQUESTS_TEXT))
                    .extracting(InferenceRequest::getPipeline, InferenceRequest::getPayload)
                    .containsExactly(tuple("spam", new TextPayload("Hello")));
            assertThat(ingest.requests(Topic.REQUESTS_IMAGE))
                    .extracting(InferenceRequest::getPipeline, InferenceRequest::getPayload)
                    .containsExactly(
                            tuple("digits", new ImagePayload(ByteBuffer.wrap(new byte[] {1, 2}), "image/png")));
            assertThat(ingest.requests(Topic.REQUESTS_AUDIO))
                    .extracting(InferenceRequest::getPipeline, InferenceRequest::getPayload)
                    .containsExactly(tuple("language", new AudioPayload(ByteBuffer.wrap(new byte[] {3}), "")));
            assertThat(ingest.requests(Topic.REQUESTS_RECORD))
                    .extracting(InferenceRequest::getPipeline, InferenceRequest::getPayload)
                    .containsExactlyInAnyOrder(
                            tuple("fraud", new FeaturesPayload(Map.of("amount", 12.5), Map.of("card", "card"))),
                            tuple("fraud-vector", new VectorPayload(floats(1f, 2f))));
            assertThat(ingest.deadLetters()).isEmpty();
        }
    }

    @Test
    void aRequestIsKeyedByItsEntityAndKeepsOriginTimestampAndHeaders() {
        Instant received = NOW.minusSeconds(30);
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", Events.mail("m-0"));
            ingest.send(
                    "mails",
                    "any key".getBytes(UTF_8),
                    ingest.bytes("mails", Events.mail("m-1", "anna", "Hello")),
                    IngestHarness.headers("traceparent", "00-1-2-01"),
                    received);

            TestRecord<byte[], byte[]> record =
                    ingest.records(Topic.REQUESTS_TEXT).get(1);

            assertThat(record.key()).isEqualTo("anna".getBytes(UTF_8));
            assertThat(record.timestamp()).isEqualTo(received.toEpochMilli());
            assertThat(record.headers().lastHeader("traceparent").value()).isEqualTo("00-1-2-01".getBytes(UTF_8));
        }
    }

    @Test
    void aRequestNamesTheRecordThatItWasMadeFrom() {
        Instant received = NOW.minusSeconds(30);
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", Events.mail("m-0"), received);
            ingest.send("mails", Events.mail("m-1"), received);

            InferenceRequest request = ingest.requests(Topic.REQUESTS_TEXT).get(1);

            assertThat(request.getOrigin()).isEqualTo(new Origin("mails", 0, 1L));
            assertThat(request.getReceivedAt()).isEqualTo(received);
            assertThat(request.getEventTime()).isEqualTo(received);
        }
    }

    /** What is wrong with a record, and what makes it so. */
    static Stream<Arguments> brokenRecords() {
        Schema other = new Schema.Parser()
                .parse("{\"type\": \"record\", \"name\": \"Mail\", \"namespace\": \"test\", \"fields\": ["
                        + "{\"name\": \"id\", \"type\": \"string\"},"
                        + "{\"name\": \"sender\", \"type\": \"string\"},"
                        + "{\"name\": \"body\", \"type\": [\"null\", \"int\", \"bytes\"]}]}");
        GenericRecord wrongType = new GenericData.Record(other);
        wrongType.put("id", new Utf8("broken"));
        wrongType.put("sender", new Utf8("s"));
        wrongType.put("body", 7);
        GenericRecord latin = new GenericData.Record(other);
        latin.put("id", new Utf8("broken"));
        latin.put("sender", new Utf8("s"));
        latin.put("body", ByteBuffer.wrap(new byte[] {(byte) 0xfc}));
        Schema nullable = new Schema.Parser()
                .parse(Events.PAYMENT.toString().replace("\"items\":\"float\"", "\"items\":[\"null\",\"float\"]"));
        Schema packed = new Schema.Parser()
                .parse(Events.PAYMENT.toString().replace("{\"type\":\"array\",\"items\":\"float\"}", "\"bytes\""));
        long now = NOW.toEpochMilli();
        long tomorrow = NOW.plus(Duration.ofDays(1)).toEpochMilli();
        return Stream.of(
                broken(DeadLetterCode.MALFORMED_RECORD, "mails", ingest -> "plain text".getBytes(UTF_8)),
                broken(DeadLetterCode.MALFORMED_RECORD, "mails", ingest -> new byte[0]),
                broken(
                        DeadLetterCode.MALFORMED_RECORD,
                        "mails",
                        ingest -> cut(ingest.bytes("mails", Events.mail("m")))),
                broken(DeadLetterCode.UNKNOWN_SCHEMA, "mails", ingest -> new byte[] {0, 0, 1, 0, 0, 2, 3}),
                broken(DeadLetterCode.MISSING_FIELD, "mails", ingest -> null),
                broken(DeadLetterCode.MISSING_FIELD, "mails", Events.mail("broken", "s", null)),
                broken(DeadLetterCode.WRONG_TYPE, "mails", wrongType),
                broken(DeadLetterCode.INVALID_TEXT, "mails", latin),
                broken(DeadLetterCode.INVALID_ID, "mails", Events.mail("", "s", "Hello")),
                broken(DeadLetterCode.INVALID_ID, "mails", Events.mail("broken", "x".repeat(257), "Hello")),
                broken(DeadLetterCode.EMPTY_PAYLOAD, "mails", Events.mail("broken", "s", "")),
                broken(DeadLetterCode.PAYLOAD_TOO_LARGE, "mails", Events.mail("broken", "s", "x".repeat(1025))),
                broken(
                        DeadLetterCode.PAYLOAD_TOO_LARGE,
                        "scans",
                        Events.scan("broken", new byte[Topic.LARGE_RECORD_BYTES])),
                broken(DeadLetterCode.INVALID_TIME, "payments", Events.payment("broken", 1, List.of(1f), tomorrow)),
                broken(DeadLetterCode.INVALID_TIME, "payments", Events.payment("broken", 1, List.of(1f), -1)),
                broken(
                        DeadLetterCode.NON_FINITE_FEATURE,
                        "payments",
                        Events.payment("broken", Double.NaN, List.of(1f), now)),
                broken(
                        DeadLetterCode.NON_FINITE_FEATURE,
                        "payments",
                        Events.payment("broken", 1, List.of(Float.POSITIVE_INFINITY), now)),
                broken(DeadLetterCode.MISSING_FEATURE, "payments", payment(nullable, Arrays.asList(1f, null))),
                broken(DeadLetterCode.INVALID_FEATURE, "payments", payment(packed, ByteBuffer.allocate(3))));
    }

    private static GenericRecord payment(Schema schema, Object embedding) {
        GenericRecord payment = new GenericData.Record(schema);
        payment.put("id", new Utf8("broken"));
        payment.put("card", new Utf8("card"));
        payment.put("amount", 1.0);
        payment.put("embedding", embedding);
        payment.put("at", NOW.toEpochMilli());
        return payment;
    }

    private static Arguments broken(DeadLetterCode code, String topic, GenericRecord event) {
        return broken(code, topic, ingest -> ingest.bytes(topic, event));
    }

    private interface Bytes {
        byte[] of(IngestHarness ingest);
    }

    private static Arguments broken(DeadLetterCode code, String topic, Bytes bytes) {
        return Arguments.of(code, topic, bytes);
    }

    @ParameterizedTest
    @MethodSource("brokenRecords")
    void aBrokenRecordIsBuriedAsItCameAndItsNeighboursPass(DeadLetterCode code, String topic, Bytes broken) {
        try (IngestHarness ingest = new IngestHarness(ALL)) {
            byte[] key = {7, 7};
            byte[] value = broken.of(ingest);
            Consumer<String> sendGood = id -> ingest.send(topic, good(topic, id));

            sendGood.accept("before");
            ingest.send(topic, key, value, IngestHarness.headers("traceparent", "00-1-2-01"), NOW);
            sendGood.accept("after");

            assertThat(ids(ingest, topic)).containsExactly("before", "after");
            assertThat(ingest.deadLetters()).singleElement().satisfies(dead -> {
                assertThat(dead.key()).isEqualTo(key);
                assertThat(dead.value()).isEqualTo(value);
                assertThat(dead.headers().lastHeader("traceparent").value()).isEqualTo("00-1-2-01".getBytes(UTF_8));
                assertThat(dead.letter().code()).isEqualTo(code);
                assertThat(dead.letter().reason()).startsWith("Cannot ");
                assertThat(dead.letter().from()).isEqualTo(new Origin(topic, 0, 1L));
                assertThat(dead.letter().source()).isEmpty();
                assertThat(dead.letter().component()).isEqualTo("ingest");
                assertThat(dead.letter().exception()).contains("Exception");
            });
        }
    }

    private static GenericRecord good(String topic, String id) {
        return switch (topic) {
            case "mails" -> Events.mail(id);
            case "scans" -> Events.scan(id, new byte[] {1});
            default -> Events.payment(id, 1, List.of(1f), NOW.toEpochMilli());
        };
    }

    /** Of the requests made from the topic, by the pipeline that the broken records are for. */
    private static List<String> ids(IngestHarness ingest, String topic) {
        return Arrays.stream(Topic.values())
                .filter(candidate -> candidate.topicName().startsWith("requests."))
                .flatMap(candidate -> ingest.requests(candidate).stream())
                .filter(request -> request.getOrigin().getTopic().equals(topic))
                .map(InferenceRequest::getRequestId)
                .filter(id -> !id.equals("broken"))
                .distinct()
                .toList();
    }

    @Test
    void aDeadLetterNamesPipelineAndRequestAsFarAsTheyAreKnown() {
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", Events.mail("m-1", "s", ""));
            ingest.send("mails", null, new byte[] {1}, new RecordHeaders(), NOW);

            assertThat(ingest.deadLetters())
                    .extracting(dead -> dead.letter().pipeline(), dead -> dead.letter()
                            .requestId())
                    .containsExactly(
                            tuple(Optional.of("spam"), Optional.of("m-1")),
                            tuple(Optional.of("spam"), Optional.empty()));
        }
    }

    @Test
    void eachPipelineOfATopicJudgesForItself() {
        long tomorrow = NOW.plus(Duration.ofDays(1)).toEpochMilli();
        try (IngestHarness ingest = new IngestHarness(ALL)) {
            // Only 'fraud' looks at the time.
            ingest.send("payments", Events.payment("p-1", 1, List.of(1f), tomorrow));

            assertThat(ingest.requests(Topic.REQUESTS_RECORD))
                    .extracting(InferenceRequest::getPipeline)
                    .containsExactly("fraud-vector");
            assertThat(ingest.deadLetters())
                    .extracting(dead -> dead.letter().pipeline())
                    .containsExactly(Optional.of("fraud"));
        }
    }

    @Test
    void whatNoPipelineCanReadIsBuriedOnceAndCountedByEach() {
        try (IngestHarness ingest = new IngestHarness(ALL)) {
            ingest.send("payments", null, new byte[] {1}, new RecordHeaders(), NOW);

            assertThat(ingest.deadLetters())
                    .singleElement()
                    .satisfies(dead -> assertThat(dead.letter().pipeline()).isEmpty());
            assertThat(ingest.counters().of("fraud").rejected()).isEqualTo(Map.of(DeadLetterCode.MALFORMED_RECORD, 1L));
            assertThat(ingest.counters().of("fraud-vector").rejectedInAll()).isEqualTo(1);
        }
    }

    @Test
    void aDeadLetterThatIsSentAgainSaysOnlyWhatIsWrongNow() {
        Headers headers = new RecordHeaders();
        new DeadLetter(
                        DeadLetterCode.MODEL_FAILED,
                        "Cannot score",
                        "Earlier",
                        new Origin("requests.text", 1, 2L),
                        Optional.of(new Origin("mails", 3, 4L)),
                        "inference",
                        Optional.of("spam"),
                        Optional.of("m-1"))
                .toHeaders()
                .forEach(headers::add);
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", null, new byte[] {1}, headers, NOW);

            assertThat(ingest.deadLetters()).singleElement().satisfies(dead -> {
                assertThat(dead.letter().code()).isEqualTo(DeadLetterCode.MALFORMED_RECORD);
                assertThat(dead.letter().source()).isEmpty();
                assertThat(dead.letter().requestId()).isEmpty();
                assertThat(dead.headers().headers(DeadLetter.CODE)).hasSize(1);
            });
        }
    }

    @Test
    void whatFitsIntoNoDeadLetterLeavesItsReasonAndItsSize() {
        byte[] huge = new byte[Topic.LARGEST_RECORD_BYTES];
        huge[0] = 1;
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", new byte[] {7}, huge, new RecordHeaders(), NOW);
            ingest.send("mails", Events.mail("after"));

            assertThat(ingest.deadLetters()).singleElement().satisfies(dead -> {
                assertThat(dead.letter().code()).isEqualTo(DeadLetterCode.MALFORMED_RECORD);
                assertThat(dead.letter().from()).isEqualTo(new Origin("mails", 0, 0L));
                assertThat(dead.key()).isEqualTo(new byte[] {7});
                assertThat(dead.value()).isNull();
                assertThat(dead.headers().lastHeader(DeadLetter.OMITTED_BYTES).value())
                        .isEqualTo(Integer.toString(huge.length).getBytes(UTF_8));
            });
            assertThat(ingest.requestIds(Topic.REQUESTS_TEXT)).containsExactly("after");
        }
    }

    @Test
    void aRequestIsMeasuredAgainstItsTopicWithKeyAndHeaders() {
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            int room = Topic.REQUESTS_TEXT.largestRecordBytes() - 1_000;
            ingest.send("mails", Events.mail("fits", "s", "x".repeat(room)));
            ingest.send(
                    "mails",
                    null,
                    ingest.bytes("mails", Events.mail("does-not", "s", "x".repeat(room))),
                    IngestHarness.headers("baggage", "x".repeat(1_000)),
                    NOW);

            assertThat(ingest.requestIds(Topic.REQUESTS_TEXT)).containsExactly("fits");
            assertThat(ingest.deadLetters())
                    .extracting(
                            dead -> dead.letter().code(), dead -> dead.letter().requestId())
                    .containsExactly(tuple(DeadLetterCode.PAYLOAD_TOO_LARGE, Optional.of("does-not")));
        }
    }

    @Test
    void everythingIsCountedByPipelineAlsoAmongKafkasMetrics() {
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", Events.mail("m-1"));
            ingest.send("mails", Events.mail("m-2"));
            ingest.send("mails", Events.mail("m-1"));
            ingest.send("mails", Events.mail("m-3", "s", ""));

            assertThat(ingest.counters().all())
                    .isEqualTo(
                            Map.of("spam", new IngestCounters.Counts(2, Map.of(DeadLetterCode.EMPTY_PAYLOAD, 1L), 1)));
            assertThat(ingest.metric("spam", "accepted-total")).isEqualTo(2);
            assertThat(ingest.metric("spam", "duplicates-dropped-total")).isEqualTo(1);
            assertThat(ingest.metric("spam", "rejected-empty-payload-total")).isEqualTo(1);
        }
    }

    @Test
    void aRegistryThatIsAwayIsNotTheRecordsFault() {
        SchemaRegistry registry = SchemaRegistry.connect("http://localhost:1", Map.of(), Duration.ZERO);
        try (IngestHarness ingest = new IngestHarness(SPAM, registry, SeenStores.inMemory(), new Properties())) {
            assertThatThrownBy(
                            () -> ingest.send("mails", null, new byte[] {0, 0, 0, 0, 1, 2}, new RecordHeaders(), NOW))
                    .isInstanceOf(StreamsException.class)
                    .hasRootCauseInstanceOf(ConnectException.class);

            assertThat(ingest.deadLetters()).isEmpty();
        }
    }

    @Test
    void aKeyOrHeadersThatFitIntoNoDeadLetterAreLeftOutToo() {
        byte[] huge = new byte[Topic.LARGEST_RECORD_BYTES];
        try (IngestHarness ingest = new IngestHarness(SPAM)) {
            ingest.send("mails", huge, new byte[] {1}, new RecordHeaders(), NOW);
            ingest.send("mails", null, new byte[] {1}, new RecordHeaders().add("huge", huge), NOW);

            assertThat(ingest.deadLetters()).hasSize(2).allSatisfy(dead -> {
                assertThat(dead.letter().code()).isEqualTo(DeadLetterCode.MALFORMED_RECORD);
                assertThat(dead.key()).isEmpty();
                assertThat(dead.value()).isNull();
            });
        }
    }

    @Test
    void topicsOfAnyNameGoTogetherAndEveryStepHasANameThatStays() {
        StringBuilder pipelines = new StringBuilder("pipelines:\n");
        int number = 0;
        for (String topic : List.of("a", "a-by-entity", "by-entity-a", "in-a", "a-dead", "a.b", "A_")) {
            for (String more : List.of("keyed-by: anything", "keyed-by: id")) {
                pipelines.append(
                        "  p%d: {modality: text, model: m, source: {topic: %s, id: id, entity: e, %s, payload: {text: t}}}%n"
                                .formatted(number++, topic, more));
            }
            pipelines.append(
                    "  p%d: {modality: text, model: m, duplicates: {window: PT0S}, source: {topic: %s, id: id, entity: e, payload: {text: t}}}%n"
                            .formatted(number++, topic));
        }
        try (IngestHarness ingest = new IngestHarness(pipelines.toString())) {
            assertThat(ingest.topology().describe().toString())
                    .contains("seen-in-a", "seen-by-entity-a", "by-entity-a-repartition")
                    .doesNotContain("KSTREAM", "KTABLE");
        }
    }

    @Test
    void theExampleOfPipelinesCanBeIngested() throws Exception {
        String example;
        try (InputStream file = Pipelines.class.getResourceAsStream("example.yaml")) {
            example = new String(file.readAllBytes(), UTF_8);
        }

        try (IngestHarness ingest = new IngestHarness(example)) {
            assertThat(ingest.topology().describe().toString())
                    .contains("read-mail.received", "read-scans", "read-prompts", "read-payments");
        }
    }

    @Test
    void needsAPipelineWithASource() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IngestHarness("pipelines: {spam: {modality: text, model: spam}}"))
                .withMessageStartingWith("Cannot ingest: no pipeline has a source; give one of [spam] a source");
    }

    private static byte[] cut(byte[] record) {
        return Arrays.copyOf(record, record.length - 3);
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }
}
