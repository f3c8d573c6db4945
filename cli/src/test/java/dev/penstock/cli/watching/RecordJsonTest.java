package dev.penstock.cli.watching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordJsonTest {
    private final SchemaRegistry registry = SchemaRegistry.connect("mock://record-json");
    private final RecordJson json = new RecordJson(registry, BytesShown.SHORTENED);

    @Test
    void showsWhereARecordIsAndWhatIsInIt() {
        ObjectNode line = json.of(record("model", alert(), new RecordHeaders().add("trace", bytes("t-1"))));

        assertThat(line.path("partition").asInt()).isEqualTo(2);
        assertThat(line.path("offset").asLong()).isEqualTo(41);
        assertThat(line.path("timestamp").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(line.path("key").asText()).isEqualTo("model");
        assertThat(line.path("headers").path("trace").asText()).isEqualTo("t-1");
        assertThat(line.path("schemaId").isInt()).isTrue();
        assertThat(line.path("value"))
                .hasToString(
                        "{\"model\":\"digits\",\"modelVersion\":3,\"code\":\"VERSION_REFUSED\","
                                + "\"message\":\"refused\",\"raisedBy\":\"inference\",\"raisedAt\":\"2026-01-02T03:04:05.678Z\"}");
    }

    @Test
    void showsWhyARecordIsADeadLetterAndWhatItWas() {
        DeadLetter letter = new DeadLetter(
                DeadLetterCode.INVALID_IMAGE,
                "not an image",
                "java.io.IOException",
                new Origin("requests.image", 1, 7L),
                Optional.of(new Origin("scans", 0, 9L)),
                "inference",
                Optional.of("digits"),
                Optional.of("r-1"));
        RecordHeaders headers = new RecordHeaders();
        letter.toHeaders().forEach(headers::add);
        headers.add("trace", bytes("t-1"));

        ObjectNode line = json.of(record("r-1", alert(), headers));

        assertThat(line.path("deadLetter"))
                .hasToString("{\"code\":\"INVALID_IMAGE\",\"reason\":\"not an image\",\"component\":\"inference\","
                        + "\"pipeline\":\"digits\",\"requestId\":\"r-1\","
                        + "\"from\":{\"topic\":\"requests.image\",\"partition\":1,\"offset\":7},"
                        + "\"source\":{\"topic\":\"scans\",\"partition\":0,\"offset\":9},"
                        + "\"exception\":\"java.io.IOException\"}");
        assertThat(line.path("headers")).hasToString("{\"trace\":\"t-1\"}");
        assertThat(line.path("value").path("model").asText()).isEqualTo("digits");
    }

    @ParameterizedTest
    @EnumSource(value = Topic.class, names = "DEAD_LETTERS", mode = EnumSource.Mode.EXCLUDE)
    void showsEveryFieldOfEveryTopic(Topic topic) {
        Schema schema = topic.schema().orElseThrow();
        AvroSerializer<GenericRecord> serializer = new AvroSerializer<>(registry);
        for (Object value : new RandomData(schema, 20, 7L)) {
            byte[] written = serializer.serialize(topic.topicName(), (GenericRecord) value);

            ObjectNode line = json.of(record("k", written, new RecordHeaders()));

            assertThat(line.has("problem")).as(line.toString()).isFalse();
            assertThat(line.path("value").fieldNames())
                    .toIterable()
                    .containsExactlyElementsOf(
                            schema.getFields().stream().map(Schema.Field::name).toList());
        }
    }

    @Test
    void showsWhyFramedBytesCannotBeRead() {
        ObjectNode unknown = json.of(record("k", new byte[] {0, 0, 1, 2, 3, 4}, new RecordHeaders()));
        byte[] cutOff = alert();
        ObjectNode truncated = json.of(record("k", Arrays.copyOf(cutOff, 9), new RecordHeaders()));

        assertThat(unknown.path("problem").asText()).contains("no schema with id 66051");
        assertThat(unknown.path("value").path("bytes").asInt()).isEqualTo(6);
        assertThat(truncated.path("problem").asText()).startsWith("Cannot read record");
        assertThat(truncated.path("value").path("bytes").asInt()).isEqualTo(9);
    }

    @Test
    void showsOtherValuesAsJsonTextOrBytes() {
        assertThat(value(bytes("{\"amount\": 5}"))).isEqualTo("{\"amount\":5}");
        assertThat(value(bytes("[1, 2"))).isEqualTo("\"[1, 2\"");
        assertThat(value(bytes("grüße\n"))).isEqualTo("\"grüße\\n\"");
        assertThat(value(new byte[] {(byte) 0xff, 1})).startsWith("{\"bytes\":2,");
        assertThat(value(new byte[] {7, 1})).startsWith("{\"bytes\":2,");
        assertThat(value(null)).isEqualTo("null");
    }

    @Test
    void listsTheValuesOfAHeaderThatRepeats() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("hop", bytes("a")).add("hop", bytes("b")).add("hop", bytes("c"));

        assertThat(json.of(record("k", null, headers)).path("headers")).hasToString("{\"hop\":[\"a\",\"b\",\"c\"]}");
    }

    private String value(byte @Nullable [] value) {
        return json.of(record("k", value, new RecordHeaders())).path("value").toString();
    }

    private byte[] alert() {
        try (AvroSerializer<Alert> serializer = new AvroSerializer<>(registry)) {
            byte[] alert = serializer.serialize(
                    "alerts",
                    Alert.newBuilder()
                            .setModel("digits")
                            .setModelVersion(3)
                            .setCode(AlertCode.VERSION_REFUSED)
                            .setMessage("refused")
                            .setRaisedBy("inference")
                            .setRaisedAt(Instant.parse("2026-01-02T03:04:05.678Z"))
                            .build());
            assertThat(alert).isNotNull();
            return alert;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, byte @Nullable [] value, Headers headers) {
        return new ConsumerRecord<>(
                "topic",
                2,
                41,
                Instant.parse("2026-01-02T03:04:05.678Z").toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                bytes(key),
                value,
                headers,
                Optional.empty());
    }
}
