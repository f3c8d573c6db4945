package dev.penstock.ingest.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One event to be scored, checked as it is built. Immutable.
 *
 * <p>Every builder takes the pipeline's name and the entity's id: whom or what the event is about, by which requests are
 * ordered and rollouts are assigned.
 */
public final class Request {
    private static final int LONGEST_ID = 256;

    private final String id;
    private final String pipeline;
    private final String entityId;
    private final Optional<Instant> eventTime;
    private final Modality modality;
    private final Object payload;
    private final Map<String, String> attributes;

    private Request(Builder<?> builder, Modality modality, Object payload) {
        this.id = builder.id;
        this.pipeline = builder.pipeline;
        this.entityId = builder.entityId;
        this.eventTime = builder.eventTime;
        this.attributes = Map.copyOf(builder.attributes);
        this.modality = modality;
        this.payload = payload;
    }

    /** @param file encoded as PNG, JPEG, GIF or BMP; copied */
    public static FileBuilder image(String pipeline, String entityId, byte[] file) {
        return new FileBuilder(pipeline, entityId, Modality.IMAGE, file, ImagePayload::new);
    }

    /** @param file encoded as RIFF WAVE; copied */
    public static FileBuilder audio(String pipeline, String entityId, byte[] file) {
        return new FileBuilder(pipeline, entityId, Modality.AUDIO, file, AudioPayload::new);
    }

    /** @param text not empty */
    public static PlainBuilder text(String pipeline, String entityId, String text) {
        requireNotEmpty(text.length(), "text");
        if (!UTF_8.newEncoder().canEncode(CharBuffer.wrap(text))) {
            throw new IllegalArgumentException(
                    "Cannot send text: it has half a surrogate pair, which is no character; cut texts between code points");
        }
        return new PlainBuilder(pipeline, entityId, Modality.TEXT, new TextPayload(text));
    }

    /** Named values of one record; one feature or more. */
    public static FeaturesBuilder features(String pipeline, String entityId) {
        return new FeaturesBuilder(pipeline, entityId);
    }

    /** @param values finite, in the order of the model card's features; copied */
    public static PlainBuilder vector(String pipeline, String entityId, float[] values) {
        requireNotEmpty(values.length, "vector");
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            requireFinite(values[i], "value %d of the vector".formatted(i));
            bytes.putFloat(values[i]);
        }
        return new PlainBuilder(pipeline, entityId, Modality.RECORD, new VectorPayload(bytes.flip()));
    }

    public String id() {
        return id;
    }

    public String entityId() {
        return entityId;
    }

    /** Where it goes. */
    Topic topic() {
        return Topic.requestsOf(modality);
    }

    InferenceRequest toRecord(Instant now) {
        return InferenceRequest.newBuilder()
                .setRequestId(id)
                .setPipeline(pipeline)
                .setEntityId(entityId)
                .setEventTime(eventTime.orElse(now))
                .setPayload(payload)
                .setAttributes(attributes)
                .setOrigin(null)
                .setReceivedAt(now)
                .build();
    }

    @Override
    public String toString() {
        return "%s request '%s' of entity '%s' for pipeline '%s'".formatted(modality, id, entityId, pipeline);
    }

    /** What every kind of request has. For one thread; each call of {@link #build} gives a request of its own. */
    public abstract static class Builder<B extends Builder<B>> {
        private final String pipeline;
        private final String entityId;
        private final Map<String, String> attributes = new HashMap<>();
        private String id = UUID.randomUUID().toString();
        private Optional<Instant> eventTime = Optional.empty();

        private Builder(String pipeline, String entityId) {
            if (!Pipeline.isName(pipeline)) {
                throw new IllegalArgumentException(
                        "Cannot send to pipeline '%s': use lower-case letters, digits and hyphens between them, at most 100"
                                .formatted(pipeline));
            }
            this.pipeline = pipeline;
            this.entityId = identifier("entity", entityId);
        }

        /**
         * Names the request, so that sending it again gives the same prediction id; by default a random UUID.
         *
         * @param id 1 to 256 characters
         */
        public B id(String id) {
            this.id = identifier("request", id);
            return self();
        }

        /** When it happened; by default when it is sent. */
        public B eventTime(Instant eventTime) {
            if (eventTime.isBefore(Instant.EPOCH)) {
                throw new IllegalArgumentException(
                        "Cannot send an event of %s: it is before 1970".formatted(eventTime));
            }
            this.eventTime = Optional.of(eventTime);
            return self();
        }

        /** Adds a fact about the event by which quality is sliced; never an input of the model. */
        public B attribute(String name, String value) {
            requireNotEmpty(name.length(), "attribute's name");
            attributes.put(name, value);
            return self();
        }

        /** @throws IllegalArgumentException if there is nothing to be scored */
        public abstract Request build();

        abstract B self();
    }

    /** For text and vectors. */
    public static final class PlainBuilder extends Builder<PlainBuilder> {
        private final Modality modality;
        private final Object payload;

        private PlainBuilder(String pipeline, String entityId, Modality modality, Object payload) {
            super(pipeline, entityId);
            this.modality = modality;
            this.payload = payload;
        }

        @Override
        public Request build() {
            return new Request(this, modality, payload);
        }

        @Override
        PlainBuilder self() {
            return this;
        }
    }

    /** For images and audio. */
    public static final class FileBuilder extends Builder<FileBuilder> {
        private interface Payload {
            Object of(ByteBuffer content, String contentType);
        }

        private final Modality modality;
        private final ByteBuffer content;
        private final Payload payload;
        private String contentType = "";

        private FileBuilder(String pipeline, String entityId, Modality modality, byte[] file, Payload payload) {
            super(pipeline, entityId);
            requireNotEmpty(file.length, "file");
            this.modality = modality;
            this.content = ByteBuffer.wrap(file.clone());
            this.payload = payload;
        }

        /** Media type such as {@code image/png}; the bytes decide, this is a check. */
        public FileBuilder contentType(String contentType) {
            this.contentType = contentType;
            return this;
        }

        @Override
        public Request build() {
            return new Request(this, modality, payload.of(content.duplicate(), contentType));
        }

        @Override
        FileBuilder self() {
            return this;
        }
    }

    /** For named values. */
    public static final class FeaturesBuilder extends Builder<FeaturesBuilder> {
        private final Map<String, Double> numbers = new HashMap<>();
        private final Map<String, String> categories = new HashMap<>();

        private FeaturesBuilder(String pipeline, String entityId) {
            super(pipeline, entityId);
        }

        /** @param value finite, in the unit that the model was trained with */
        public FeaturesBuilder number(String name, double value) {
            requireNotEmpty(name.length(), "feature's name");
            requireFinite(value, "feature '%s'".formatted(name));
            numbers.put(name, value);
            return this;
        }

        public FeaturesBuilder category(String name, String value) {
            requireNotEmpty(name.length(), "feature's name");
            categories.put(name, value);
            return this;
        }

        @Override
        public Request build() {
            requireNotEmpty(numbers.size() + categories.size(), "record");
            return new Request(
                    this, Modality.RECORD, new FeaturesPayload(new HashMap<>(numbers), new HashMap<>(categories)));
        }

        @Override
        FeaturesBuilder self() {
            return this;
        }
    }

    private static String identifier(String what, String id) {
        int characters = id.codePointCount(0, id.length());
        if (id.isBlank() || characters > LONGEST_ID) {
            throw new IllegalArgumentException(
                    "Cannot use the %s's id: it has %d characters, expected 1 to %d that are not blank"
                            .formatted(what, characters, LONGEST_ID));
        }
        return id;
    }

    private static void requireNotEmpty(int size, String what) {
        if (size == 0) {
            throw new IllegalArgumentException(
                    "Cannot send an empty %s: there is nothing to be scored".formatted(what));
        }
    }

    private static void requireFinite(double value, String what) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("Cannot send %s: it is %s".formatted(what, value));
        }
    }
}
