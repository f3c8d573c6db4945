package dev.penstock.schemas.wire;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/**
 * A schema registry that speaks Confluent's API, through Confluent's client. Answers are remembered; a registry that
 * does not answer is waited for, with a line in the log at each try, until the patience ends. Thread-safe.
 */
public final class SchemaRegistry {
    private static final int REMEMBERED_PER_SUBJECT = 1_000;
    /** Confluent's error codes 40401 and on; a path that is not the registry's answers 404 too, with another code. */
    private static final int NOT_FOUND = 404;

    private static final Set<Integer> REFUSALS = Set.of(409, 422);

    /** What Avro's code generator adds to each string; inside a text of the schema the quotes would be escaped. */
    private static final Pattern JAVA_STRING = Pattern.compile(",\"avro\\.java\\.string\":\"[A-Za-z0-9]+\"");

    /** For one try; Confluent's own is a minute, however short the patience is. */
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);

    private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);
    private static final Pattern LOGIN = Pattern.compile("(?<=://)[^/?#]*@");

    private final String url;
    private final SchemaRegistryClient client;
    private final PatientCalls calls;
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();

    private record Registration(String subject, Schema schema) {}

    /**
     * A schema as one of its subjects has it.
     *
     * @param version counts the subject's schemas, from 1
     * @param id by which records name it
     * @param schema its JSON
     */
    public record Version(int version, int id, String schema) {}

    /** Where the registry keeps the schema of a topic's values: Confluent's TopicNameStrategy. */
    public static String subjectOf(String topicName) {
        return topicName + "-value";
    }

    private SchemaRegistry(String url, SchemaRegistryClient client, Duration patience) {
        this.url = withoutLogin(url);
        this.client = client;
        this.calls = new PatientCalls(this.url, patience);
    }

    /**
     * Prepares the client; nothing is sent yet.
     *
     * @param url such as {@code http://localhost:8081}, or {@code mock://scope} for one in this JVM
     * @param settings of Confluent's client, such as {@code basic.auth.user.info} (else a login in the URL is used) or
     *     {@code schema.registry.ssl.truststore.location}
     * @param patience how long a registry that is away is waited for at each call
     * @throws IllegalArgumentException if the client cannot use the settings
     */
    public static SchemaRegistry connect(String url, Map<String, String> settings, Duration patience) {
        Map<String, String> all = withDefaults(settings, patience);
        try {
            SchemaRegistryClient client = SchemaRegistryClientFactory.newClient(
                    List.of(url), REMEMBERED_PER_SUBJECT, List.of(new AvroProvider()), all, Map.of());
            return new SchemaRegistry(url, client, patience);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "Cannot use the settings for the registry at %s: %s; correct them"
                            .formatted(withoutLogin(url), rootMessage(e)),
                    e);
        }
    }

    private static Map<String, String> withDefaults(Map<String, String> settings, Duration patience) {
        Map<String, String> all = new HashMap<>(settings);
        long timeoutMillis =
                Math.min(Math.max(patience.toMillis(), SHORTEST_TIMEOUT.toMillis()), LONGEST_TIMEOUT.toMillis());
        all.putIfAbsent(SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, Long.toString(timeoutMillis));
        all.putIfAbsent(SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, Long.toString(timeoutMillis));
        // As Confluent's serializers have it, whose defaults the client itself does not have.
        if (!all.containsKey(SchemaRegistryClientConfig.BEARER_AUTH_CREDENTIALS_SOURCE)) {
            all.putIfAbsent(
                    SchemaRegistryClientConfig.BASIC_AUTH_CREDENTIALS_SOURCE,
                    all.containsKey(SchemaRegistryClientConfig.USER_INFO_CONFIG) ? "USER_INFO" : "URL");
        }
        return all;
    }

    /** {@link #connect(String, Map, Duration)} with no settings and a patience of two minutes. */
    public static SchemaRegistry connect(String url) {
        return connect(url, Map.of(), Duration.ofMinutes(2));
    }

    /**
     * @return the id of the schema, registering it if it is new
     * @throws IncompatibleSchemaException if the registry refuses it
     * @throws RegistryUnavailableException if no answer came in time, or it was about something else
     */
    public int register(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        try {
            int id = calls.patiently(
                    "register a schema for '%s'".formatted(subject),
                    () -> client.register(subject, new AvroSchema(withoutJava(schema))));
            ids.put(registration, id);
            return id;
        } catch (RestClientException e) {
            String message = "Cannot register schema %s under '%s': the registry at %s says: %s"
                    .formatted(schema.getFullName(), subject, url, e.getMessage());
            throw REFUSALS.contains(e.getStatus())
                    ? new IncompatibleSchemaException(message, e)
                    : new RegistryUnavailableException(message, e);
        }
    }

    /**
     * @throws UnknownSchemaException if the registry answers that it has none with this id, or none of Avro's
     * @throws RegistryUnavailableException if no answer came in time
     */
    public Schema schema(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        try {
            // Not the canonical string: that leaves out what a schema refers to in other subjects.
            String text = calls.patiently(
                    "fetch schema %d".formatted(id),
                    () -> client.getSchemaById(id).rawSchema().toString());
            Schema found = parse(text);
            schemas.put(id, found);
            return found;
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw new UnknownSchemaException(
                    "Cannot read record: what the registry at %s has as schema %d is not Avro: %s"
                            .formatted(url, id, e.getMessage()),
                    e);
        } catch (RestClientException e) {
            if (e.getErrorCode() / 100 == NOT_FOUND) {
                throw new UnknownSchemaException(
                        "Cannot read record: the registry at %s has no schema with id %d".formatted(url, id), e);
            }
            throw new RegistryUnavailableException(
                    "Cannot fetch schema %d: the registry at %s says: %s".formatted(id, url, e.getMessage()), e);
        }
    }

    /**
     * Makes the registry refuse changes to the subject that break this level.
     *
     * @param level such as {@code FULL_TRANSITIVE}
     */
    public void requireCompatibility(String subject, String level) {
        try {
            calls.patiently(
                    "set the compatibility of '%s'".formatted(subject),
                    () -> client.updateCompatibility(subject, level));
        } catch (RestClientException e) {
            throw new RegistryUnavailableException(
                    "Cannot set the compatibility of '%s' to %s: the registry at %s says: %s"
                            .formatted(subject, level, url, e.getMessage()),
                    e);
        }
    }

    /** Where it is, for messages: without a user and a password that the URL may hold. */
    public String url() {
        return url;
    }

    /**
     * Every subject.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public List<String> subjects() {
        return found("list the subjects", client::getAllSubjects)
                .map(List::copyOf)
                .orElseThrow(() -> new RegistryUnavailableException(
                        "Cannot list the subjects: %s knows no /subjects; it is something else, or its path is missing"
                                .formatted(url),
                        null));
    }

    /**
     * The schema that a subject has now; empty if there is no such subject.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public Optional<Version> newest(String subject) {
        return found("look at '%s'".formatted(subject), () -> client.getLatestSchemaMetadata(subject))
                .map(found -> new Version(found.getVersion(), found.getId(), found.getSchema()));
    }

    /**
     * The changes that the registry allows, such as {@code FULL_TRANSITIVE}: the subject's own level, else the one for
     * all.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public Optional<String> compatibility(String subject) {
        return found("ask for the compatibility of '%s'".formatted(subject), () -> client.getCompatibility(subject))
                .or(() -> found("ask for the compatibility of all", () -> client.getCompatibility(null)));
    }

    /**
     * The changes that the registry allows where a subject has no level of its own; empty if it does not tell.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public Optional<String> compatibility() {
        return found("ask for the compatibility of all", () -> client.getCompatibility(null));
    }

    /**
     * Whether the registry takes new schemas: {@code READWRITE} if so, else such as {@code READONLY}; empty if it does not
     * tell.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public Optional<String> mode() {
        return found("ask for the mode", client::getMode);
    }

    /**
     * Whether the registry would take this schema as the next of the subject; true if there is no such subject.
     *
     * @throws RegistryUnavailableException if no answer came in time, or it was a refusal
     */
    public boolean accepts(String subject, Schema schema) {
        return found(
                        "compare a schema with '%s'".formatted(subject),
                        () -> client.testCompatibility(subject, new AvroSchema(withoutJava(schema))))
                .orElse(true);
    }

    /** Empty where the registry has no such thing. */
    private <T> Optional<T> found(String action, PatientCalls.Call<T> call) {
        try {
            return Optional.of(calls.patiently(action, call));
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
                return Optional.empty();
            }
            throw new RegistryUnavailableException(
                    "Cannot %s: the registry at %s answers with status %d: %s"
                            .formatted(action, url, e.getStatus(), e.getMessage()),
                    e);
        }
    }

    private static String withoutLogin(String url) {
        return LOGIN.matcher(url).replaceAll("");
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** Whatever the registry let in can be read, also if this version of Avro would not let it be written. */
    private static Schema parse(String text) {
        Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
        parser.setValidateDefaults(false);
        return parser.parse(text);
    }

    /** As the .avsc file has it, so that writers in other languages find their schema and not one that is like it. */
    private static String withoutJava(Schema schema) {
        return JAVA_STRING.matcher(schema.toString()).replaceAll("");
    }

    /** Says why a schema cannot be parsed, where the client's own says only that it cannot. */
    private static final class AvroProvider extends AvroSchemaProvider {
        @Override
        public Optional<ParsedSchema> parseSchema(
                org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities
                                .Schema
                        schema,
                boolean isNew,
                boolean normalize) {
            return Optional.of(parseSchemaOrElseThrow(schema, isNew, normalize));
        }
    }
}
