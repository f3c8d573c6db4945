package dev.penstock.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a record, mapping ends with a request that keeps every rule or with a reason. */
class RandomRecordsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Origin ORIGIN = new Origin("events", 0, 0L);
    private static final int RECORDS = 8_000;
    /** Each can stand in each field. */
    private static final List<String> TYPES = List.of(
            "\"null\"",
            "\"boolean\"",
            "\"int\"",
            "\"long\"",
            "\"float\"",
            "\"double\"",
            "\"bytes\"",
            "\"string\"",
            "{\"type\": \"int\", \"logicalType\": \"date\"}",
            "{\"type\": \"int\", \"logicalType\": \"time-millis\"}",
            "{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}",
            "{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"}",
            "{\"type\": \"long\", \"logicalType\": \"local-timestamp-nanos\"}",
            "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 20, \"scale\": 3}",
            "{\"type\": \"bytes\", \"logicalType\": \"big-decimal\"}",
            "{\"type\": \"string\", \"logicalType\": \"uuid\"}",
            "{\"type\": \"fixed\", \"name\": \"Fixed%d\", \"size\": 5}",
            "{\"type\": \"fixed\", \"name\": \"Uuid%d\", \"size\": 16, \"logicalType\": \"uuid\"}",
            "{\"type\": \"fixed\", \"name\": \"Money%d\", \"size\": 9, \"logicalType\": \"decimal\", \"precision\": 20, \"scale\": 2}",
            "{\"type\": \"enum\", \"name\": \"Enum%d\", \"symbols\": [\"A\", \"B\"]}",
            "{\"type\": \"array\", \"items\": \"float\"}",
            "{\"type\": \"array\", \"items\": [\"null\", \"double\"]}",
            "{\"type\": \"array\", \"items\": \"string\"}",
            "{\"type\": \"map\", \"values\": [\"null\", \"double\"]}",
            "{\"type\": \"record\", \"name\": \"Nested%d\", \"fields\": [{\"name\": \"deep\", \"type\": [\"null\", \"string\", \"double\"]}]}");

    /** Those that a payload usually has. */
    private static final List<String> FITTING =
            List.of("\"string\"", "\"bytes\"", "\"double\"", "{\"type\": \"array\", \"items\": \"float\"}");

    private static final List<String> PIPELINES = List.of(
            pipeline("text", "{text: body}"),
            pipeline("text", "{text: body.deep}"),
            pipeline("image", "{image: {content: body, content-type: extra}}"),
            pipeline("record", "{features: {numbers: [body], categories: [extra]}}"),
            pipeline("record", "{vector: body}"));

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void endWithARequestThatKeepsEveryRuleOrWithAReason(long seed) {
        Random random = new Random(seed);
        SchemaRegistry registry = SchemaRegistry.connect("mock://random-" + seed);
        AvroSerializer<InferenceRequest> serializer = new AvroSerializer<>(registry);
        List<RequestMapper> mappers = PIPELINES.stream()
                .map(RandomRecordsTest::parse)
                .map(RequestMapper::new)
                .toList();
        int valid = 0;
        Map<DeadLetterCode, Integer> rejected = new EnumMap<>(DeadLetterCode.class);

        for (int i = 0; i < RECORDS; i++) {
            GenericRecord record = record(random);
            RequestMapper mapper = mappers.get(random.nextInt(mappers.size()));

            Mapped mapped = mapper.map(record, ORIGIN, NOW, NOW);

            if (mapped instanceof Mapped.Valid request) {
                valid++;
                assertKeepsEveryRule(request.request());
                assertThat(serializer.serialize("requests.text", request.request()))
                        .isNotEmpty();
            } else if (mapped instanceof Mapped.Rejected reason) {
                rejected.merge(reason.code(), 1, Integer::sum);
                assertThat(reason.reason()).startsWith("Cannot ").hasSizeLessThan(400);
            }
        }

        assertThat(valid).isGreaterThan(RECORDS / 100);
        assertThat(rejected.keySet())
                .as("seed %d reaches every way out", seed)
                .containsAll(EnumSet.of(
                        DeadLetterCode.MISSING_FIELD,
                        DeadLetterCode.WRONG_TYPE,
                        DeadLetterCode.INVALID_ID,
                        DeadLetterCode.INVALID_TIME,
                        DeadLetterCode.INVALID_TEXT,
                        DeadLetterCode.EMPTY_PAYLOAD,
                        DeadLetterCode.PAYLOAD_TOO_LARGE,
                        DeadLetterCode.MISSING_FEATURE,
                        DeadLetterCode.INVALID_FEATURE,
                        DeadLetterCode.NON_FINITE_FEATURE));
    }

    @Test
    void theSameRecordAlwaysGivesTheSameRequest() {
        Random random = new Random(4);
        List<Pipeline> pipelines =
                PIPELINES.stream().map(RandomRecordsTest::parse).toList();
        for (int i = 0; i < 1_000; i++) {
            GenericRecord record = record(random);
            for (Pipeline pipeline : pipelines) {
                Mapped first = new RequestMapper(pipeline).map(record, ORIGIN, NOW, NOW);
                Mapped second = new RequestMapper(pipeline).map(record, ORIGIN, NOW, NOW);

                assertThat(second).isEqualTo(first);
            }
        }
    }

    private static void assertKeepsEveryRule(InferenceRequest request) {
        assertThat(request.getRequestId()
                        .codePointCount(0, request.getRequestId().length()))
                .isBetween(1, 256);
        assertThat(request.getEntityId()).isNotBlank();
        assertThat(request.getEventTime()).isBetween(Instant.EPOCH, NOW.plus(Duration.ofMinutes(5)));
        assertThat(request.getOrigin()).isEqualTo(ORIGIN);
        Object payload = request.getPayload();
        if (payload instanceof TextPayload text) {
            assertThat(text.getText()).isNotEmpty();
        } else if (payload instanceof ImagePayload image) {
            assertThat(image.getContent().remaining()).isBetween(1, 64);
        } else if (payload instanceof FeaturesPayload features) {
            assertThat(features.getNumbers().size() + features.getCategories().size())
                    .isPositive();
            assertThat(features.getNumbers().values()).allMatch(Double::isFinite);
        } else if (payload instanceof VectorPayload vector) {
            ByteBuffer values = vector.getValues().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            assertThat(values.remaining()).isPositive().isEqualTo(values.remaining() / 4 * 4);
            while (values.hasRemaining()) {
                assertThat(values.getFloat()).isFinite();
            }
        } else {
            throw new AssertionError("unexpected payload: " + payload);
        }
    }

    private static GenericRecord record(Random random) {
        List<String> fields = new ArrayList<>();
        int number = 0;
        for (String name : List.of("id", "entity", "at", "body", "extra")) {
            if (random.nextInt(40) > 0) {
                fields.add("{\"name\": \"%s\", \"type\": %s}".formatted(name, type(name, random, number++)));
            }
        }
        Schema schema = new Schema.Parser()
                .parse("{\"type\": \"record\", \"name\": \"Event\", \"fields\": [%s]}"
                        .formatted(String.join(", ", fields)));
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(field.pos(), value(field.schema(), random));
        }
        return record;
    }

    /** Usually one that fits, or nothing would ever pass. */
    private static String type(String field, Random random, int number) {
        if (random.nextInt(4) > 0 && !field.equals("body")) {
            return field.equals("at") ? "{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}" : "\"string\"";
        }
        String type = random.nextBoolean()
                ? FITTING.get(random.nextInt(FITTING.size()))
                : TYPES.get(random.nextInt(TYPES.size())).formatted(number);
        return random.nextInt(4) == 0 && !type.equals("\"null\"") ? "[\"null\", %s]".formatted(type) : type;
    }

    private static Object value(Schema schema, Random random) {
        return switch (schema.getType()) {
            case NULL -> null;
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(20_000);
            case LONG ->
                random.nextInt(4) == 0
                        ? random.nextLong()
                        : NOW.minusSeconds(random.nextInt(1 << 20)).toEpochMilli();
            case FLOAT -> (float) number(random);
            case DOUBLE -> number(random);
            case STRING -> text(random);
            case BYTES -> ByteBuffer.wrap(bytes(random, random.nextInt(80)));
            case FIXED -> new GenericData.Fixed(schema, bytes(random, schema.getFixedSize()));
            case ENUM -> new GenericData.EnumSymbol(schema, random.nextBoolean() ? "A" : "B");
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (int i = random.nextInt(12); i > 0; i--) {
                    items.add(value(schema.getElementType(), random));
                }
                yield items;
            }
            case MAP -> {
                Map<Object, Object> entries = new HashMap<>();
                entries.put(random.nextBoolean() ? new Utf8("deep") : "deep", value(schema.getValueType(), random));
                yield entries;
            }
            case RECORD -> {
                GenericRecord nested = new GenericData.Record(schema);
                nested.put(0, value(schema.getFields().get(0).schema(), random));
                yield nested;
            }
            case UNION ->
                value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), random);
        };
    }

    private static double number(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> Double.NaN;
            case 1 -> Double.NEGATIVE_INFINITY;
            case 2 -> Double.MAX_VALUE;
            case 3 -> -0.0;
            default -> random.nextGaussian() * 100;
        };
    }

    private static Utf8 text(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> new Utf8("");
            case 1 -> new Utf8(" ".repeat(random.nextInt(3)));
            case 2 -> new Utf8("x".repeat(200 + random.nextInt(200)));
            case 3 -> new Utf8(bytes(random, 1 + random.nextInt(10)));
            case 4 -> new Utf8("2026-02-28T12:00:00Z");
            default -> new Utf8("Grüezi-" + random.nextInt());
        };
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            for (int i = 0; i < length; i++) {
                bytes[i] &= 0x3f;
            }
        }
        return bytes;
    }

    private static String pipeline(String modality, String payload) {
        return "pipelines: {p: {modality: %s, model: m, limits: {payload-bytes: 64B}, source: {topic: events, id: id, entity: entity, time: at, payload: %s, attributes: {extra: extra}}}}"
                .formatted(modality, payload);
    }

    private static Pipeline parse(String yaml) {
        return ConfigurationFile.parse("test.yaml", yaml, Pipelines.class, Map.of())
                .all()
                .get(0);
    }
}
