package dev.penstock.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class RequestMapperTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant RECEIVED = NOW.minusSeconds(2);
    private static final Origin ORIGIN = new Origin("mail.received", 3, 42L);

    @Test
    void aRequestNamesEverythingThatThePipelineSays() {
        Pipeline pipeline = pipeline("text", "{text: body}", "time: at, attributes: {country: sender.country}");
        GenericRecord sender =
                record("{\"name\": \"country\", \"type\": \"string\"}", Map.of("country", new Utf8("CH")));
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},"
                + "{\"name\": \"entity\", \"type\": \"long\"},"
                + "{\"name\": \"at\", \"type\": {\"type\": \"long\", \"logicalType\": \"timestamp-micros\"}},"
                + "{\"name\": \"sender\", \"type\": %s},".formatted(sender.getSchema())
                + "{\"name\": \"body\", \"type\": [\"null\", \"string\"]}");
        GenericRecord record = filled(
                schema,
                Map.of(
                        "id",
                        new Utf8("m-1"),
                        "entity",
                        7L,
                        "at",
                        NOW.minusSeconds(60).toEpochMilli() * 1000 + 999,
                        "sender",
                        sender,
                        "body",
                        new Utf8("Hello")));

        InferenceRequest request = valid(pipeline, record);

        assertThat(request)
                .isEqualTo(InferenceRequest.newBuilder()
                        .setRequestId("m-1")
                        .setPipeline("p")
                        .setEntityId("7")
                        .setEventTime(NOW.minusSeconds(60))
                        .setPayload(new TextPayload("Hello"))
                        .setAttributes(Map.of("country", "CH"))
                        .setOrigin(ORIGIN)
                        .setReceivedAt(RECEIVED)
                        .build());
    }

    @Test
    void withoutATimeTheEventHappenedWhenItArrived() {
        InferenceRequest request = valid(pipeline("text", "{text: body}", ""), text(new Utf8("Hello")));

        assertThat(request.getEventTime()).isEqualTo(RECEIVED);
    }

    @Test
    void anIdIsTextOrAWholeNumberOrAnEnumOrAUuid() {
        assertThat(idOf("\"string\"", new Utf8("a"))).isEqualTo("a");
        assertThat(idOf("\"int\"", 5)).isEqualTo("5");
        assertThat(idOf("\"long\"", -6L)).isEqualTo("-6");
        assertThat(idOf(
                        "{\"type\": \"string\", \"logicalType\": \"uuid\"}",
                        new Utf8("6d4f8d4e-0000-4000-8000-000000000001")))
                .isEqualTo("6d4f8d4e-0000-4000-8000-000000000001");
        Schema fixed = new Schema.Parser()
                .parse("{\"type\": \"fixed\", \"name\": \"U\", \"size\": 16, \"logicalType\": \"uuid\"}");
        assertThat(idOf(
                        fixed.toString(),
                        new GenericData.Fixed(fixed, new byte[] {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2})))
                .isEqualTo("00000000-0000-0001-0000-000000000002");
        Schema symbols = new Schema.Parser().parse("{\"type\": \"enum\", \"name\": \"S\", \"symbols\": [\"A\"]}");
        assertThat(idOf(symbols.toString(), new GenericData.EnumSymbol(symbols, "A")))
                .isEqualTo("A");
    }

    @Test
    void idsMayHave256CharactersWhateverTheirBytes() {
        assertThat(idOf("\"string\"", new Utf8("😀".repeat(256)))).hasSize(512);
    }

    @Test
    void unusableIdsAreRejected() {
        assertThat(rejectedId("\"string\"", new Utf8("")))
                .isEqualTo(new Mapped.Rejected(
                        DeadLetterCode.INVALID_ID,
                        "Cannot use field 'id' as id: it has 0 characters, expected 1 to 256",
                        Optional.empty()));
        assertThat(rejectedId("\"string\"", new Utf8("  ")).reason()).contains("it has 2 characters, all blank");
        assertThat(rejectedId("\"string\"", new Utf8("x".repeat(257))).reason()).contains("it has 257 characters");
        assertThat(rejectedId("\"boolean\"", true).code()).isEqualTo(DeadLetterCode.WRONG_TYPE);
        assertThat(rejectedId("\"double\"", 1.0).reason())
                .isEqualTo("Cannot use field 'id': it is double, expected a string, an enum, a whole number or a UUID");
        assertThat(rejectedId("[\"null\", \"string\"]", null).code()).isEqualTo(DeadLetterCode.MISSING_FIELD);
    }

    @Test
    void anEntityIsJudgedLikeAnIdAndTheIdIsReported() {
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},"
                + "{\"name\": \"entity\", \"type\": \"string\"},{\"name\": \"body\", \"type\": \"string\"}");
        GenericRecord record =
                filled(schema, Map.of("id", new Utf8("m-1"), "entity", new Utf8(""), "body", new Utf8("x")));

        Mapped.Rejected rejected = rejected(pipeline("text", "{text: body}", ""), record);

        assertThat(rejected.code()).isEqualTo(DeadLetterCode.INVALID_ID);
        assertThat(rejected.requestId()).contains("m-1");
    }

    @Test
    void aFieldThatTheSchemaDoesNotHaveIsMissingAndSaysWhatThereIs() {
        Mapped.Rejected rejected = rejected(pipeline("text", "{text: bodi}", ""), text(new Utf8("Hello")));

        assertThat(rejected)
                .isEqualTo(new Mapped.Rejected(
                        DeadLetterCode.MISSING_FIELD,
                        "Cannot use record: field 'bodi' is not in schema test.Event, which has [id, entity, body]",
                        Optional.of("m-1")));
    }

    @Test
    void aPathThroughNullIsMissingAndOneThroughTextIsWrong() {
        Schema schema = schema(
                "{\"name\": \"id\", \"type\": \"string\"},{\"name\": \"entity\", \"type\": \"string\"},"
                        + "{\"name\": \"mail\", \"type\": [\"null\", {\"type\": \"record\", \"name\": \"Mail\", \"fields\": [{\"name\": \"body\", \"type\": \"string\"}]}]}");
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", new Utf8("m-1"));
        record.put("entity", new Utf8("e"));

        assertThat(rejected(pipeline("text", "{text: mail.body}", ""), record).code())
                .isEqualTo(DeadLetterCode.MISSING_FIELD);
        assertThat(rejected(pipeline("text", "{text: id.body}", ""), record))
                .extracting(Mapped.Rejected::code, Mapped.Rejected::reason)
                .containsExactly(
                        DeadLetterCode.WRONG_TYPE,
                        "Cannot find field 'id.body': what is before 'body' is string, expected a record or a map");
    }

    @Test
    void textIsAStringOrUtf8Bytes() {
        Pipeline pipeline = pipeline("text", "{text: body}", "");

        assertThat(valid(pipeline, text(new Utf8("Grüezi 😀"))).getPayload()).isEqualTo(new TextPayload("Grüezi 😀"));
        assertThat(valid(pipeline, payload("\"bytes\"", utf8("Grüezi 😀"))).getPayload())
                .isEqualTo(new TextPayload("Grüezi 😀"));
        // The character that stands for broken ones elsewhere is a character like others.
        assertThat(valid(pipeline, text(new Utf8("\uFFFD"))).getPayload()).isEqualTo(new TextPayload("\uFFFD"));
    }

    @Test
    void textThatIsNotUtf8IsRejectedWhereverItStands() {
        Pipeline pipeline = pipeline("text", "{text: body}", "");
        byte[] latin = {'G', 'r', (byte) 0xfc, 'e'};

        assertThat(rejected(pipeline, payload("\"bytes\"", ByteBuffer.wrap(latin)))
                        .code())
                .isEqualTo(DeadLetterCode.INVALID_TEXT);
        assertThat(rejected(pipeline, text(new Utf8(latin))).code()).isEqualTo(DeadLetterCode.INVALID_TEXT);
        assertThat(rejected(pipeline, text(new Utf8(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})))
                        .code())
                .isEqualTo(DeadLetterCode.INVALID_TEXT);
    }

    @Test
    void anEmptyPayloadIsRejected() {
        assertThat(rejected(pipeline("text", "{text: body}", ""), text(new Utf8(""))))
                .extracting(Mapped.Rejected::code, Mapped.Rejected::reason)
                .containsExactly(
                        DeadLetterCode.EMPTY_PAYLOAD, "Cannot use record: its payload, field 'body', is empty");
        assertThat(rejected(pipeline("image", "{image: body}", ""), payload("\"bytes\"", ByteBuffer.allocate(0)))
                        .code())
                .isEqualTo(DeadLetterCode.EMPTY_PAYLOAD);
        assertThat(rejected(pipeline("record", "{vector: body}", ""), payload(array("float"), List.of()))
                        .code())
                .isEqualTo(DeadLetterCode.EMPTY_PAYLOAD);
        assertThat(rejected(pipeline("record", "{features: {numbers: [amount]}}", ""), text(new Utf8("x")))
                        .code())
                .isEqualTo(DeadLetterCode.EMPTY_PAYLOAD);
    }

    @Test
    void filesCarryTheirBytesAndTheirTypeIfItIsKnown() {
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},{\"name\": \"entity\", \"type\": \"string\"},"
                + "{\"name\": \"body\", \"type\": \"bytes\"},{\"name\": \"mime\", \"type\": [\"null\", \"string\"]}");
        GenericRecord record = filled(
                schema,
                Map.of(
                        "id", new Utf8("m-1"),
                        "entity", new Utf8("e"),
                        "body", utf8("file"),
                        "mime", new Utf8("image/png")));

        assertThat(valid(pipeline("image", "{image: {content: body, content-type: mime}}", ""), record)
                        .getPayload())
                .isEqualTo(new ImagePayload(utf8("file"), "image/png"));
        assertThat(valid(pipeline("audio", "{audio: {content: body, content-type: none}}", ""), record)
                        .getPayload())
                .isEqualTo(new AudioPayload(utf8("file"), ""));
    }

    @Test
    void filesAreBytesAndNotText() {
        assertThat(rejected(pipeline("image", "{image: body}", ""), text(new Utf8("aGVsbG8="))))
                .extracting(Mapped.Rejected::code, Mapped.Rejected::reason)
                .containsExactly(DeadLetterCode.WRONG_TYPE, "Cannot use field 'body': it is string, expected bytes");
    }

    @Test
    void numbersComeFromEveryNumericTypeAndCategoriesFromEverythingThatNames() {
        String decimal = "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 9, \"scale\": 2}";
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},{\"name\": \"entity\", \"type\": \"string\"},"
                + "{\"name\": \"i\", \"type\": \"int\"},{\"name\": \"l\", \"type\": \"long\"},"
                + "{\"name\": \"f\", \"type\": \"float\"},{\"name\": \"d\", \"type\": \"double\"},"
                + "{\"name\": \"b\", \"type\": \"boolean\"},{\"name\": \"price\", \"type\": %s},".formatted(decimal)
                + "{\"name\": \"none\", \"type\": [\"null\", \"double\"]},"
                + "{\"name\": \"kind\", \"type\": {\"type\": \"enum\", \"name\": \"Kind\", \"symbols\": [\"CHIP\"]}},"
                + "{\"name\": \"map\", \"type\": {\"type\": \"map\", \"values\": [\"null\", \"double\"]}}");
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", new Utf8("m-1"));
        record.put("entity", new Utf8("e"));
        record.put("i", -3);
        record.put("l", 1L << 40);
        record.put("f", 0.5f);
        record.put("d", 1e300);
        record.put("b", true);
        record.put(
                "price",
                ByteBuffer.wrap(new BigDecimal("-12.34").unscaledValue().toByteArray()));
        record.put("kind", new GenericData.EnumSymbol(schema.getField("kind").schema(), "CHIP"));
        record.put("map", Map.of(new Utf8("card.amount"), 7.5));
        String features =
                "{features: {numbers: {i: i, l: l, f: f, d: d, b: b, price: price, none: none, absent: map.absent, amount: 'map.card\\.amount'}, categories: {kind: kind, whole: id}}}";

        InferenceRequest request = valid(pipeline("record", features, ""), record);

        assertThat(request.getPayload())
                .isEqualTo(new FeaturesPayload(
                        Map.of(
                                "i", -3.0,
                                "l", (double) (1L << 40),
                                "f", 0.5,
                                "d", 1e300,
                                "b", 1.0,
                                "price", -12.34,
                                "amount", 7.5),
                        Map.of("kind", "CHIP", "whole", "m-1")));
    }

    @Test
    void numbersThatAreNoneAreRejected() {
        Pipeline pipeline = pipeline("record", "{features: {numbers: [body]}}", "");

        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThat(rejected(pipeline, payload("\"double\"", value)).code())
                    .isEqualTo(DeadLetterCode.NON_FINITE_FEATURE);
            assertThat(rejected(pipeline, payload("\"float\"", (float) value)).code())
                    .isEqualTo(DeadLetterCode.NON_FINITE_FEATURE);
        }
        assertThat(rejected(pipeline, text(new Utf8("12"))).code()).isEqualTo(DeadLetterCode.WRONG_TYPE);
        assertThat(rejected(pipeline, payload("\"bytes\"", utf8("12"))).code()).isEqualTo(DeadLetterCode.WRONG_TYPE);
        String decimal = "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 9, \"scale\": 2}";
        assertThat(rejected(pipeline, payload(decimal, ByteBuffer.allocate(0))).reason())
                .isEqualTo("Cannot use field 'body': its bytes are not a decimal");
    }

    @Test
    void aVectorIsAnArrayOfNumbersOrTheirBytes() {
        Pipeline pipeline = pipeline("record", "{vector: body}", "");
        ByteBuffer expected = floats(1.5f, -2f);

        assertThat(valid(pipeline, payload(array("float"), List.of(1.5f, -2f))).getPayload())
                .isEqualTo(new VectorPayload(expected));
        assertThat(valid(pipeline, payload(array("double"), List.of(1.5, -2.0))).getPayload())
                .isEqualTo(new VectorPayload(expected));
        assertThat(valid(pipeline, payload("\"bytes\"", floats(1.5f, -2f))).getPayload())
                .isEqualTo(new VectorPayload(expected));
        assertThat(valid(pipeline, payload(array("long"), List.of(3L))).getPayload())
                .isEqualTo(new VectorPayload(floats(3f)));
    }

    @Test
    void brokenVectorsAreRejectedWithTheirPlace() {
        Pipeline pipeline = pipeline("record", "{vector: body}", "");
        Schema nullable = new Schema.Parser().parse("{\"type\": \"array\", \"items\": [\"null\", \"float\"]}");

        assertThat(rejected(pipeline, payload(array("float"), List.of(1f, Float.NaN))))
                .extracting(Mapped.Rejected::code, Mapped.Rejected::reason)
                .containsExactly(
                        DeadLetterCode.NON_FINITE_FEATURE,
                        "Cannot use field 'body': value 1 of the vector is NaN as float32");
        assertThat(rejected(pipeline, payload(array("double"), List.of(1e300))).code())
                .isEqualTo(DeadLetterCode.NON_FINITE_FEATURE);
        assertThat(rejected(pipeline, payload("\"bytes\"", floats(Float.NEGATIVE_INFINITY)))
                        .code())
                .isEqualTo(DeadLetterCode.NON_FINITE_FEATURE);
        assertThat(rejected(pipeline, payload(nullable.toString(), Arrays.asList(1f, null)))
                        .code())
                .isEqualTo(DeadLetterCode.MISSING_FEATURE);
        assertThat(rejected(pipeline, payload("\"bytes\"", ByteBuffer.allocate(6)))
                        .code())
                .isEqualTo(DeadLetterCode.INVALID_FEATURE);
        assertThat(rejected(pipeline, payload(array("string"), List.of(new Utf8("1"))))
                        .code())
                .isEqualTo(DeadLetterCode.WRONG_TYPE);
    }

    @Test
    void aPayloadAtTheLimitPassesAndOneByteMoreDoesNot() {
        Pipeline pipeline = ConfigurationFile.parse("test.yaml", """
                        pipelines:
                          p:
                            modality: text
                            model: m
                            limits: {payload-bytes: 8B}
                            source: {topic: t, id: id, entity: entity, payload: {text: body}}
                        """, Pipelines.class, Map.of())
                .all()
                .get(0);

        assertThat(valid(pipeline, text(new Utf8("Grüezi!"))).getPayload()).isEqualTo(new TextPayload("Grüezi!"));
        assertThat(rejected(pipeline, text(new Utf8("Grüezi!!"))))
                .extracting(Mapped.Rejected::code, Mapped.Rejected::reason)
                .containsExactly(
                        DeadLetterCode.PAYLOAD_TOO_LARGE,
                        "Cannot use record: its payload, field 'body', has 9 bytes, more than the pipeline's limit of 8");
    }

    @Test
    void attributesThatAreMissingAreLeftOutAndOthersAreShownAsText() {
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},{\"name\": \"entity\", \"type\": \"string\"},"
                + "{\"name\": \"body\", \"type\": \"string\"},{\"name\": \"n\", \"type\": \"double\"},"
                + "{\"name\": \"b\", \"type\": \"boolean\"},{\"name\": \"none\", \"type\": [\"null\", \"string\"]}");
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", new Utf8("m-1"));
        record.put("entity", new Utf8("e"));
        record.put("body", new Utf8("x"));
        record.put("n", 1.5);
        record.put("b", false);

        InferenceRequest request =
                valid(pipeline("text", "{text: body}", "attributes: {n: n, b: b, none: none, absent: absent}"), record);

        assertThat(request.getAttributes()).isEqualTo(Map.of("n", "1.5", "b", "false"));
    }

    @Test
    void aPipelineWithoutASourceHasNothingToMap() {
        Pipeline pipeline = ConfigurationFile.parse(
                        "test.yaml", "pipelines: {p: {modality: text, model: m}}", Pipelines.class, Map.of())
                .all()
                .get(0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestMapper(pipeline))
                .withMessage("Cannot map records for pipeline 'p': it has no source");
    }

    private static String idOf(String type, Object id) {
        return valid(pipeline("text", "{text: body}", ""), withId(type, id)).getRequestId();
    }

    private static Mapped.Rejected rejectedId(String type, Object id) {
        return rejected(pipeline("text", "{text: body}", ""), withId(type, id));
    }

    private static GenericRecord withId(String type, Object id) {
        Schema schema = schema("{\"name\": \"id\", \"type\": %s},".formatted(type)
                + "{\"name\": \"entity\", \"type\": \"string\"},{\"name\": \"body\", \"type\": \"string\"}");
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", id);
        record.put("entity", new Utf8("e"));
        record.put("body", new Utf8("x"));
        return record;
    }

    private static GenericRecord text(Utf8 body) {
        return payload("\"string\"", body);
    }

    private static GenericRecord payload(String type, Object value) {
        Schema schema = schema("{\"name\": \"id\", \"type\": \"string\"},{\"name\": \"entity\", \"type\": \"string\"},"
                + "{\"name\": \"body\", \"type\": %s}".formatted(type));
        return filled(schema, Map.of("id", new Utf8("m-1"), "entity", new Utf8("e"), "body", value));
    }

    private static String array(String items) {
        return "{\"type\": \"array\", \"items\": \"%s\"}".formatted(items);
    }

    private static GenericRecord record(String fields, Map<String, Object> values) {
        Schema schema = new Schema.Parser()
                .parse("{\"type\": \"record\", \"name\": \"Nested\", \"namespace\": \"test\", \"fields\": [%s]}"
                        .formatted(fields));
        return filled(schema, values);
    }

    private static Schema schema(String fields) {
        return new Schema.Parser()
                .parse("{\"type\": \"record\", \"name\": \"Event\", \"namespace\": \"test\", \"fields\": [%s]}"
                        .formatted(fields));
    }

    private static GenericRecord filled(Schema schema, Map<String, Object> values) {
        GenericRecord record = new GenericData.Record(schema);
        values.forEach(record::put);
        return record;
    }

    private static Pipeline pipeline(String modality, String payload, String more) {
        return ConfigurationFile.parse(
                        "test.yaml",
                        "pipelines: {p: {modality: %s, model: m, source: {topic: mail.received, id: id, entity: entity, payload: %s, %s}}}"
                                .formatted(modality, payload, more),
                        Pipelines.class,
                        Map.of())
                .all()
                .get(0);
    }

    private static InferenceRequest valid(Pipeline pipeline, GenericRecord record) {
        Mapped mapped = new RequestMapper(pipeline).map(record, ORIGIN, RECEIVED, NOW);
        assertThat(mapped).isInstanceOf(Mapped.Valid.class);
        return ((Mapped.Valid) mapped).request();
    }

    private static Mapped.Rejected rejected(Pipeline pipeline, GenericRecord record) {
        Mapped mapped = new RequestMapper(pipeline).map(record, ORIGIN, RECEIVED, NOW);
        assertThat(mapped).isInstanceOf(Mapped.Rejected.class);
        return (Mapped.Rejected) mapped;
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }
}
