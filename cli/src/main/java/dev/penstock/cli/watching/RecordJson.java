package dev.penstock.cli.watching;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record of any topic as one JSON object. Its value is shown as Avro if it is framed as such and can be read, else as
 * JSON or text if it is that, else as bytes. For one thread.
 */
public final class RecordJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int AVRO_HEADER_BYTES = 1 + Integer.BYTES;
    private static final List<String> DEAD_LETTER_HEADERS = List.of("__streams.errors.", "penstock.dead-letter.");

    private final AvroDeserializer<GenericRecord> deserializer;
    private final AvroJson avro;
    private final BytesShown bytes;

    public RecordJson(SchemaRegistry registry, BytesShown bytes) {
        this.deserializer = AvroDeserializer.generic(registry);
        this.avro = new AvroJson(bytes);
        this.bytes = bytes;
    }

    /** @throws dev.penstock.schemas.wire.RegistryUnavailableException if a schema is needed and no answer came */
    public ObjectNode of(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode json = NODES.objectNode()
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        json.set("key", textOrBytes(record.key()));
        Optional<DeadLetter> deadLetter = deadLetter(record.headers());
        deadLetter.ifPresent(letter -> json.set("deadLetter", describe(letter, record.headers())));
        ObjectNode headers = headers(record.headers(), deadLetter.isPresent());
        if (!headers.isEmpty()) {
            json.set("headers", headers);
        }
        putValue(json, record.topic(), record.value());
        return json;
    }

    private void putValue(ObjectNode json, String topic, byte @Nullable [] value) {
        if (value == null) {
            json.putNull("value");
            return;
        }
        if (value.length >= AVRO_HEADER_BYTES && value[0] == 0) {
            json.put("schemaId", ByteBuffer.wrap(value, 1, Integer.BYTES).getInt());
            try {
                GenericRecord read = deserializer.deserialize(topic, value);
                json.set("value", read == null ? NODES.nullNode() : avro.of(read.getSchema(), read));
                return;
            } catch (MalformedRecordException | UnknownSchemaException e) {
                json.put("problem", e.getMessage());
            }
        }
        json.set("value", jsonOr(textOrBytes(value)));
    }

    private JsonNode textOrBytes(byte @Nullable [] value) {
        if (value == null) {
            return NODES.nullNode();
        }
        ByteBuffer buffer = ByteBuffer.wrap(value);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(buffer.duplicate())
                    .toString();
            return isReadable(text) ? NODES.textNode(text) : bytes.of(buffer);
        } catch (CharacterCodingException e) {
            return bytes.of(buffer);
        }
    }

    /** The object or the list that a text is, if it is one. */
    private static JsonNode jsonOr(JsonNode value) {
        String text = value.textValue();
        if (text == null
                || !(text.stripLeading().startsWith("{") || text.stripLeading().startsWith("["))) {
            return value;
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return value;
        }
    }

    private static boolean isReadable(String text) {
        return text.chars()
                .allMatch(character -> !Character.isISOControl(character) || Character.isWhitespace(character));
    }

    private ObjectNode headers(Headers headers, boolean ofDeadLetter) {
        ObjectNode json = NODES.objectNode();
        for (Header header : headers) {
            if (!ofDeadLetter || DEAD_LETTER_HEADERS.stream().noneMatch(header.key()::startsWith)) {
                add(json, header.key(), textOrBytes(header.value()));
            }
        }
        return json;
    }

    /** Names may repeat, but hardly ever do: a list only then. */
    private static void add(ObjectNode json, String name, JsonNode value) {
        JsonNode earlier = json.get(name);
        if (earlier == null) {
            json.set(name, value);
        } else if (earlier instanceof ArrayNode list) {
            list.add(value);
        } else {
            json.putArray(name).add(earlier).add(value);
        }
    }

    private static Optional<DeadLetter> deadLetter(Headers headers) {
        if (headers.lastHeader(DeadLetter.CODE) == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(DeadLetter.read(headers));
        } catch (IllegalArgumentException e) {
            // Not one of ours after all: its headers are shown as they are.
            return Optional.empty();
        }
    }

    private static ObjectNode describe(DeadLetter letter, Headers headers) {
        ObjectNode json = NODES.objectNode()
                .put("code", letter.code().name())
                .put("reason", letter.reason())
                .put("component", letter.component());
        letter.pipeline().ifPresent(pipeline -> json.put("pipeline", pipeline));
        letter.requestId().ifPresent(requestId -> json.put("requestId", requestId));
        json.set("from", describe(letter.from()));
        letter.source().ifPresent(source -> json.set("source", describe(source)));
        if (!letter.exception().isEmpty()) {
            json.put("exception", letter.exception());
        }
        DeadLetter.omittedBytes(headers).ifPresent(bytes -> json.put("omittedBytes", bytes));
        return json;
    }

    private static ObjectNode describe(Origin origin) {
        return NODES.objectNode()
                .put("topic", origin.getTopic())
                .put("partition", origin.getPartition())
                .put("offset", origin.getOffset());
    }
}
