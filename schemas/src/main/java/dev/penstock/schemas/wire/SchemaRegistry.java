package dev.penstock.schemas.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry that speaks Confluent's API, through Confluent's client. Answers are remembered; a registry that
 * does not answer is waited for, with a line in the log at each try, until the patience ends. Thread-safe.
 */
public final class SchemaRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistry.class);
    private static final int REMEMBERED_PER_SUBJECT = 1_000;
    private static final int NOT_FOUND = 404;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final String url;
    private final SchemaRegistryClient client;
    private final Duration patience;
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();

    private record Registration(String subject, Schema schema) {}

    private interface Call<T> {
        T answer() throws IOException, RestClientException;
    }

    private SchemaRegistry(String url, SchemaRegistryClient client, Duration patience) {
        this.url = url;
        this.client = client;
        this.patience = patience;
    }

    /**
     * Prepares the client; nothing is sent yet.
     *
     * @param url such as {@code http://localhost:8081}, or {@code mock://scope} for one in this JVM
     * @param settings of Confluent's client, such as {@code basic.auth.user.info}
     * @param patience how long a registry that is away is waited for at each call
     */
    public static SchemaRegistry connect(String url, Map<String, String> settings, Duration patience) {
        SchemaRegistryClient client = SchemaRegistryClientFactory.newClient(
                List.of(url), REMEMBERED_PER_SUBJECT, List.of(new AvroSchemaProvider()), settings, Map.of());
        return new SchemaRegistry(url, client, patience);
    }

    /** {@link #connect(String, Map, Duration)} with no settings and a patience of two minutes. */
    public static SchemaRegistry connect(String url) {
        return connect(url, Map.of(), Duration.ofMinutes(2));
    }

    /**
     * @return the id of the schema, registering it if it is new
     * @throws IncompatibleSchemaException if the registry refuses it
     * @throws RegistryUnavailableException if no answer came in time
     */
    public int register(String subject, Schema schema) {
        return ids.computeIfAbsent(new Registration(subject, schema), registration -> {
            try {
                return patiently(
                        "register a schema for '%s'".formatted(subject),
                        () -> client.register(subject, new AvroSchema(schema.toString())));
            } catch (RestClientException e) {
                throw new IncompatibleSchemaException(
                        "Cannot register schema %s under '%s': the registry at %s says: %s"
                                .formatted(schema.getFullName(), subject, url, e.getMessage()),
                        e);
            }
        });
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
            String text = patiently(
                    "fetch schema %d".formatted(id),
                    () -> client.getSchemaById(id).rawSchema().toString());
            Schema found = parse(text);
            schemas.put(id, found);
            return found;
        } catch (SchemaParseException e) {
            throw new UnknownSchemaException(
                    "Cannot read record: what the registry at %s has as schema %d is not Avro: %s"
                            .formatted(url, id, e.getMessage()),
                    e);
        } catch (RestClientException e) {
            if (e.getStatus() == NOT_FOUND) {
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
            patiently(
                    "set the compatibility of '%s'".formatted(subject),
                    () -> client.updateCompatibility(subject, level));
        } catch (RestClientException e) {
            throw new RegistryUnavailableException(
                    "Cannot set the compatibility of '%s' to %s: the registry at %s says: %s"
                            .formatted(subject, level, url, e.getMessage()),
                    e);
        }
    }

    /** Whatever the registry let in can be read, also if this version of Avro would not let it be written. */
    private static Schema parse(String text) {
        Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
        parser.setValidateDefaults(false);
        return parser.parse(text);
    }

    /** Confluent's client reports a schema of another format as if the connection had failed. */
    private static boolean isOtherFormat(IOException failure) {
        return String.valueOf(failure.getMessage()).startsWith("Invalid schema ");
    }

    private <T> T patiently(String action, Call<T> call) throws RestClientException {
        long deadline = System.nanoTime() + patience.toNanos();
        long pauseMillis = FIRST_PAUSE.toMillis();
        while (true) {
            Exception failure;
            try {
                return call.answer();
            } catch (RestClientException e) {
                if (e.getStatus() < FIRST_SERVER_ERROR) {
                    throw e;
                }
                failure = e;
            } catch (IOException e) {
                if (isOtherFormat(e)) {
                    throw new SchemaParseException(e);
                }
                failure = e;
            }
            if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis) > deadline) {
                throw new RegistryUnavailableException(
                        "Cannot %s: the registry at %s did not answer within %s (%s); check that it runs and that the URL is right"
                                .formatted(action, url, patience, failure),
                        failure);
            }
            LOG.warn("Waiting to {}: the registry at {} does not answer ({})", action, url, failure.toString());
            try {
                TimeUnit.MILLISECONDS.sleep(pauseMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RegistryUnavailableException("Cannot %s: interrupted while waiting".formatted(action), e);
            }
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE.toMillis());
        }
    }
}
