package dev.penstock.cli.sending;

import dev.penstock.ingest.producer.Request;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Makes requests of files as a pipeline's modality says: one of each image, clip or text, and one of each line of
 * records. Everything that is wrong is gathered, so that it can be told at once.
 */
final class RequestFiles {
    /** Stands for standard input. */
    static final String STANDARD_INPUT = "-";

    private final Pipeline pipeline;
    private final Settings settings;
    private final List<NamedRequest> requests = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * What the command line says of every request.
     *
     * @param id empty for one of its own for each
     * @param entity empty for the record's own, else the request's id
     * @param categories see {@link RecordFile}
     */
    record Settings(
            Optional<String> id, Optional<String> entity, Map<String, String> attributes, Set<String> categories) {
        Settings {
            attributes = Map.copyOf(attributes);
            categories = Set.copyOf(categories);
        }
    }

    RequestFiles(Pipeline pipeline, Settings settings) {
        this.pipeline = pipeline;
        this.settings = settings;
    }

    /** Those that could be made, in the order of the files. */
    List<NamedRequest> requests() {
        return List.copyOf(requests);
    }

    /** What is wrong, each with its file; empty if all could be read. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** @param standardInput read if the file is {@value #STANDARD_INPUT} */
    RequestFiles read(String file, InputStream standardInput) {
        byte[] content;
        try {
            content = content(file, standardInput);
        } catch (NoSuchFileException e) {
            problems.add("%s: there is no such file".formatted(file));
            return this;
        } catch (AccessDeniedException e) {
            problems.add("%s: this user may not read it".formatted(file));
            return this;
        } catch (IOException | IllegalArgumentException e) {
            problems.add("%s: %s".formatted(file, e.getMessage()));
            return this;
        }
        if (pipeline.modality() == Modality.RECORD) {
            records(file, content);
        } else {
            add(file, Optional.empty(), (id, entity) -> single(entity, content, id));
        }
        return this;
    }

    private byte[] content(String file, InputStream standardInput) throws IOException {
        // Records are many requests, each of which is looked at when it is sent.
        boolean limited = pipeline.modality() != Modality.RECORD;
        long most = limited ? limit() : Integer.MAX_VALUE - 8;
        byte[] content;
        if (file.equals(STANDARD_INPUT)) {
            content = standardInput.readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE - 8));
        } else {
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw new IOException("it is a directory; name the files in it");
            }
            requireSize(Files.size(path), most);
            content = Files.readAllBytes(path);
        }
        requireSize(content.length, most);
        return content;
    }

    private void requireSize(long bytes, long most) throws IOException {
        if (bytes > most) {
            throw new IOException("it has %,d bytes, and %s takes %,d at most"
                    .formatted(bytes, "pipeline '%s'".formatted(pipeline.name()), most));
        }
    }

    private long limit() {
        return pipeline.limits().payloadBytes().map(ByteSize::bytes).orElse((long)
                Topic.requestsOf(pipeline.modality()).largestRecordBytes());
    }

    private interface Making {
        Request request(String id, String entity);
    }

    private void add(String source, Optional<EventRecord> record, Making making) {
        String id = settings.id().or(() -> record.flatMap(EventRecord::id)).orElseGet(() -> UUID.randomUUID()
                .toString());
        String entity =
                settings.entity().or(() -> record.flatMap(EventRecord::entity)).orElse(id);
        try {
            requests.add(new NamedRequest(source, making.request(id, entity)));
        } catch (IllegalArgumentException e) {
            problems.add("%s: %s".formatted(source, e.getMessage()));
        }
    }

    private Request single(String entity, byte[] content, String id) {
        return switch (pipeline.modality()) {
            case IMAGE -> finish(Request.image(pipeline.name(), entity, content), id);
            case AUDIO -> finish(Request.audio(pipeline.name(), entity, content), id);
            case TEXT -> finish(Request.text(pipeline.name(), entity, text(content)), id);
            case RECORD, UNKNOWN ->
                throw new IllegalArgumentException(
                        "this version cannot send files for modality " + pipeline.modality());
        };
    }

    private void records(String file, byte[] content) {
        RecordFile reader = new RecordFile(settings.categories());
        List<EventRecord> records;
        try {
            records = reader.read(text(content));
        } catch (IllegalArgumentException e) {
            problems.add("%s: %s".formatted(file, e.getMessage()));
            return;
        }
        reader.problems().forEach(problem -> problems.add("%s: %s".formatted(file, problem)));
        for (EventRecord record : records) {
            add("%s:%d".formatted(file, record.line()), Optional.of(record), (id, entity) -> of(record, id, entity));
        }
    }

    private Request of(EventRecord record, String id, String entity) {
        if (!record.vector().isEmpty()) {
            float[] values = new float[record.vector().size()];
            for (int index = 0; index < values.length; index++) {
                values[index] = record.vector().get(index);
            }
            return finish(Request.vector(pipeline.name(), entity, values), record, id);
        }
        Request.FeaturesBuilder features = Request.features(pipeline.name(), entity);
        record.numbers().forEach(features::number);
        record.categories().forEach(features::category);
        return finish(features, record, id);
    }

    private <B extends Request.Builder<B>> Request finish(B builder, EventRecord record, String id) {
        record.time().ifPresent(builder::eventTime);
        record.attributes().forEach(builder::attribute);
        return finish(builder, id);
    }

    private <B extends Request.Builder<B>> Request finish(B builder, String id) {
        settings.attributes().forEach(builder::attribute);
        return builder.id(id).build();
    }

    private static String text(byte[] content) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "it is not UTF-8 text; convert it, for instance with iconv -f ISO-8859-1 -t UTF-8");
        }
    }
}
