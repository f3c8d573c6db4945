package dev.penstock.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.CompatibilityLevel;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchemaHolder;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.SimpleParsedSchemaHolder;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;

/**
 * The registry's memory: a journal of changes, one JSON object a line, replayed at start. Compatibility is judged by
 * Confluent's own rules. Not thread-safe.
 */
final class SchemaStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Confluent's default. */
    private static final String USUAL_LEVEL = "BACKWARD";

    private static final String ALL_SUBJECTS = "";

    private final Path journal;
    private final Map<String, List<RegisteredSchema>> subjects = new TreeMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, String> levels = new HashMap<>();

    private SchemaStore(Path journal) {
        this.journal = journal;
    }

    static SchemaStore open(Path journal) {
        SchemaStore store = new SchemaStore(journal);
        try {
            Files.createDirectories(journal.toAbsolutePath().getParent());
            if (Files.exists(journal)) {
                for (String line : Files.readAllLines(journal)) {
                    store.replay(JSON.readTree(line));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot read the schemas in %s: %s; the topics beside it cannot be read without them"
                            .formatted(journal, e.getMessage()),
                    e);
        }
        return store;
    }

    List<String> subjects() {
        return List.copyOf(subjects.keySet());
    }

    List<Integer> versions(String subject) {
        return registered(subject).stream().map(RegisteredSchema::version).toList();
    }

    /** @param version a number or {@code latest} */
    RegisteredSchema version(String subject, String version) {
        List<RegisteredSchema> versions = registered(subject);
        if (version.equals("latest")) {
            return versions.get(versions.size() - 1);
        }
        return versions.stream()
                .filter(candidate -> Integer.toString(candidate.version()).equals(version))
                .findFirst()
                .orElseThrow(() -> RegistryError.noSuchVersion(version));
    }

    RegisteredSchema find(String subject, String schema) {
        String canonical = parse(schema).canonicalString();
        return registered(subject).stream()
                .filter(candidate -> candidate.schema().equals(canonical))
                .findFirst()
                .orElseThrow(RegistryError::noSuchSchema);
    }

    List<RegisteredSchema> withId(String id) {
        List<RegisteredSchema> found = subjects.values().stream()
                .flatMap(List::stream)
                .filter(candidate -> Integer.toString(candidate.id()).equals(id))
                .toList();
        if (found.isEmpty()) {
            throw RegistryError.noSuchSchema();
        }
        return found;
    }

    /** What is registered already keeps its version, whatever came after it. */
    RegisteredSchema register(String subject, String schema) {
        String canonical = parse(schema).canonicalString();
        List<RegisteredSchema> versions = subjects.getOrDefault(subject, List.of());
        for (RegisteredSchema version : versions) {
            if (version.schema().equals(canonical)) {
                return version;
            }
        }
        List<String> complaints = incompatibilities(subject, schema);
        if (!complaints.isEmpty()) {
            throw RegistryError.incompatible(subject, String.join("; ", complaints));
        }
        int id = ids.getOrDefault(canonical, ids.size() + 1);
        RegisteredSchema registered = new RegisteredSchema(subject, versions.size() + 1, id, canonical);
        append(Map.of("subject", subject, "version", registered.version(), "id", registered.id(), "schema", canonical));
        add(registered);
        return registered;
    }

    List<Integer> delete(String subject) {
        List<Integer> versions = versions(subject);
        append(Map.of("deleted", subject));
        subjects.remove(subject);
        return versions;
    }

    /** @return why the schema breaks the subject's level; empty if it does not */
    List<String> incompatibilities(String subject, String schema) {
        // Confluent's client lists the newest last.
        List<ParsedSchemaHolder> earlier = new ArrayList<>();
        for (RegisteredSchema version : subjects.getOrDefault(subject, List.of())) {
            earlier.add(new SimpleParsedSchemaHolder(new AvroSchema(version.schema())));
        }
        CompatibilityLevel level = CompatibilityLevel.forName(compatibility(subject));
        return parse(schema).isCompatible(level, earlier);
    }

    /** @param subject empty for the level of all that have none of their own */
    String compatibility(String subject) {
        return levels.getOrDefault(subject, levels.getOrDefault(ALL_SUBJECTS, USUAL_LEVEL));
    }

    void requireCompatibility(String subject, String level) {
        if (CompatibilityLevel.forName(level) == null) {
            throw RegistryError.invalidLevel(level);
        }
        if (level.equals(levels.get(subject))) {
            return;
        }
        append(Map.of("configured", subject, "level", level));
        levels.put(subject, level);
    }

    private List<RegisteredSchema> registered(String subject) {
        List<RegisteredSchema> versions = subjects.get(subject);
        if (versions == null) {
            throw RegistryError.noSuchSubject(subject);
        }
        return versions;
    }

    private void replay(JsonNode change) {
        if (change.has("deleted")) {
            subjects.remove(change.get("deleted").asText());
        } else if (change.has("configured")) {
            levels.put(change.get("configured").asText(), change.get("level").asText());
        } else {
            add(new RegisteredSchema(
                    change.get("subject").asText(),
                    change.get("version").asInt(),
                    change.get("id").asInt(),
                    change.get("schema").asText()));
        }
    }

    private void add(RegisteredSchema registered) {
        ids.put(registered.schema(), registered.id());
        subjects.computeIfAbsent(registered.subject(), subject -> new ArrayList<>())
                .add(registered);
    }

    private void append(Map<String, Object> change) {
        try {
            Files.writeString(
                    journal,
                    JSON.writeValueAsString(change) + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.DSYNC);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write a schema as JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep a schema in " + journal, e);
        }
    }

    private static AvroSchema parse(String schema) {
        try {
            AvroSchema parsed = new AvroSchema(schema);
            parsed.validate(true);
            return parsed;
        } catch (RuntimeException e) {
            throw RegistryError.invalidSchema(e.getMessage());
        }
    }
}
