package dev.penstock.inference.requests;

import static dev.penstock.schemas.Fixtures.someRecordRequest;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static dev.penstock.schemas.Fixtures.someVectorRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.RegistryUnavailableException;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RequestReaderTest {
    private static final PipelineBinding SPAM = binding("spam", Modality.TEXT);
    private static final PipelineBinding FRAUD = new PipelineBinding(
            "fraud",
            Modality.RECORD,
            "fraud",
            BatchLimits.usual(),
            Delivery.AT_LEAST_ONCE,
            Duration.ZERO,
            List.of(new Rolling("card", RequestField.parse("entity"), Duration.ZERO, inOrder())));

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final AvroSerializer<InferenceRequest> serializer = new AvroSerializer<>(registry);
    private final RequestReader reader = new RequestReader(registry, List.of(SPAM, FRAUD));

    @Test
    void findsTheModelToAsk() {
        InputRecord record = record(someTextRequest("id-1"));

        assertThat(reader.read(record)).isEqualTo(new Request.Addressed(someTextRequest("id-1"), SPAM, record));
    }

    @Test
    void addsWhatTheJobKnowsOfThePast() {
        InputRecord record = record(
                        "requests.record", serializer.serialize("requests.record", someRecordRequest("id-1")))
                .with(new double[] {3, Double.NaN});

        Request.Addressed request = (Request.Addressed) reader.read(record);

        assertThat(request.addedFeatures()).isEqualTo(Map.of("card-count", 3.0));
        assertThat(((FeaturesPayload) request.content().getPayload()).getNumbers())
                .isEqualTo(Map.of("amount", 42.5, "risk", 0.25, "card-count", 3.0));
    }

    @Test
    void addsNothingToAVector() {
        InferenceRequest vector = InferenceRequest.newBuilder(someVectorRequest("id-1", 1f))
                .setPipeline("fraud")
                .build();
        InputRecord record = record("requests.record", serializer.serialize("requests.record", vector))
                .with(new double[] {3, 4});

        Request.Addressed request = (Request.Addressed) reader.read(record);

        assertThat(request.addedFeatures()).isEmpty();
        assertThat(request.content()).isEqualTo(vector);
    }

    @Test
    void keepsTheBytesOfWhatIsNoRequest() {
        InputRecord record = new InputRecord("requests.text", 1, 7, 0, "key".getBytes(UTF_8), "{}".getBytes(UTF_8));

        OutputRecord written = undeliverable(record);

        assertThat(written.topic()).isEqualTo("dead-letters");
        assertThat(written.key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(written.value()).isEqualTo("{}".getBytes(UTF_8));
        assertThat(letter(written))
                .isEqualTo(new DeadLetter(
                        DeadLetterCode.MALFORMED_RECORD,
                        "Cannot read record: it has 2 bytes, fewer than the 5 of the Confluent header; produce it with a schema-registry serializer",
                        "dev.penstock.schemas.wire.MalformedRecordException",
                        new Origin("requests.text", 1, 7L),
                        Optional.empty(),
                        "inference",
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void namesTheRequestAndItsSourceWhereItCouldBeRead() {
        InferenceRequest request = InferenceRequest.newBuilder(someTextRequest("id-1"))
                .setPipeline("ham")
                .build();

        DeadLetter letter = letter(undeliverable(record(request)));

        assertThat(letter.code()).isEqualTo(DeadLetterCode.UNKNOWN_PIPELINE);
        assertThat(letter.reason()).isEqualTo("Cannot score for pipeline 'ham': the pipelines are [fraud, spam]");
        assertThat(letter.source()).contains(new Origin("mail.received", 3, 42L));
        assertThat(letter.pipeline()).contains("ham");
        assertThat(letter.requestId()).contains("id-1");
    }

    @Test
    void refusesADeletion() {
        assertThat(letter(undeliverable(new InputRecord("requests.text", 0, 0, 0, null, null)))
                        .code())
                .isEqualTo(DeadLetterCode.MALFORMED_RECORD);
    }

    @Test
    void refusesASchemaThatTheRegistryDoesNotHave() {
        byte[] value = serializer.serialize("requests.text", someTextRequest("id-1"));
        value[3] = 18;

        assertThat(letter(undeliverable(record("requests.text", value))).code())
                .isEqualTo(DeadLetterCode.UNKNOWN_SCHEMA);
    }

    @Test
    void refusesIdsThatAreEmptyOrTooLong() {
        assertThat(codeOf(someTextRequest(""))).isEqualTo(DeadLetterCode.INVALID_ID);
        assertThat(codeOf(someTextRequest("x".repeat(257)))).isEqualTo(DeadLetterCode.INVALID_ID);
        assertThat(codeOf(InferenceRequest.newBuilder(someTextRequest("id-1"))
                        .setEntityId("")
                        .build()))
                .isEqualTo(DeadLetterCode.INVALID_ID);
        assertThat(codeOf(InferenceRequest.newBuilder(someTextRequest("id-1"))
                        .setEntityId("x".repeat(257))
                        .build()))
                .isEqualTo(DeadLetterCode.INVALID_ID);
        assertThat(reader.read(record(someTextRequest("🔑".repeat(256))))).isInstanceOf(Request.Addressed.class);
    }

    @Test
    void refusesARequestInTheTopicOfAnotherModality() {
        byte[] value = serializer.serialize("requests.text", someRecordRequest("id-1"));

        DeadLetter letter = letter(undeliverable(record("requests.text", value)));

        assertThat(letter.code()).isEqualTo(DeadLetterCode.UNKNOWN_PIPELINE);
        assertThat(letter.reason())
                .isEqualTo("Cannot score for pipeline 'fraud' from topic 'requests.text': it reads 'requests.record'");
    }

    /** A header of many megabytes would make a dead letter that no topic takes, and the job would fail on it for ever. */
    @Test
    void whateverARequesterWritesTheDeadLetterFitsItsTopic() {
        String longest = "x".repeat(3_000_000);
        InferenceRequest request = InferenceRequest.newBuilder(someTextRequest(longest))
                .setPipeline(longest)
                .setOrigin(new Origin(longest, 0, 0L))
                .build();

        OutputRecord written = undeliverable(record(request));

        assertThat(size(written)).isLessThan(Topic.DEAD_LETTERS.largestRecordBytes());
        assertThat(letter(written).requestId().orElseThrow()).hasSize(257).endsWith("…");
    }

    /** Brokers limit compressed bytes: a few kilobytes may unfold into more than our own topics take. */
    @Test
    void aRecordThatWasOnlySmallWhileCompressedIsNamedAndNotCopied() {
        InferenceRequest request = InferenceRequest.newBuilder(someTextRequest("id-1"))
                .setPayload(new TextPayload("x".repeat(Topic.LARGE_RECORD_BYTES)))
                .build();

        InputRecord record = record(request);

        OutputRecord written = undeliverable(record);

        assertThat(written.value()).isNull();
        assertThat(written.headers()).containsEntry(DeadLetter.OMITTED_BYTES, Integer.toString(record.value().length));
        assertThat(letter(written).code()).isEqualTo(DeadLetterCode.PAYLOAD_TOO_LARGE);
        assertThat(letter(written).from()).isEqualTo(new Origin("requests.text", 1, 7L));
    }

    @Test
    void aRegistryThatIsAwayIsNotTheRecordsFault() {
        SchemaRegistry away = SchemaRegistry.connect("http://localhost:1", Map.of(), Duration.ZERO);
        RequestReader unlucky = new RequestReader(away, List.of());
        InputRecord record = record(someTextRequest("id-1"));

        assertThatThrownBy(() -> unlucky.read(record)).isInstanceOf(RegistryUnavailableException.class);
    }

    private DeadLetterCode codeOf(InferenceRequest request) {
        return letter(undeliverable(record(request))).code();
    }

    private OutputRecord undeliverable(InputRecord record) {
        Request request = reader.read(record);
        assertThat(request).isInstanceOf(Request.Undeliverable.class);
        return ((Request.Undeliverable) request).deadLetter();
    }

    private InputRecord record(InferenceRequest request) {
        return record("requests.text", serializer.serialize("requests.text", request));
    }

    private static InputRecord record(String topic, byte[] value) {
        return new InputRecord(topic, 1, 7, 0, null, value);
    }

    private static DeadLetter letter(OutputRecord written) {
        RecordHeaders headers = new RecordHeaders();
        written.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
        return DeadLetter.read(headers);
    }

    private static long size(OutputRecord written) {
        long headers = written.headers().entrySet().stream()
                .mapToLong(header -> header.getKey().getBytes(UTF_8).length
                        + header.getValue().getBytes(UTF_8).length)
                .sum();
        return headers + written.value().length;
    }

    private static Map<String, Aggregate> inOrder() {
        Map<String, Aggregate> features = new LinkedHashMap<>();
        features.put("card-count", new Aggregate.Count(Duration.ofDays(1), Duration.ZERO));
        features.put("card-mean", new Aggregate.Mean("amount", Duration.ofDays(1), Duration.ZERO));
        return features;
    }

    private static PipelineBinding binding(String name, Modality modality) {
        return new PipelineBinding(name, modality, name, BatchLimits.usual(), Delivery.AT_LEAST_ONCE);
    }
}
