package dev.penstock.schemas.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.SchemaParseException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a registry again and again, for as long as somebody is willing to wait. Thread-safe. */
final class PatientCalls {
    private static final Logger LOG = LoggerFactory.getLogger(PatientCalls.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int FIRST_SERVER_ERROR = 500;
    /** Timed out, too many requests. */
    private static final Set<Integer> TRY_LATER = Set.of(408, 429);

    private final String url;
    private final Duration patience;

    interface Call<T> {
        T answer() throws IOException, RestClientException;
    }

    /** @param url of the registry, for messages */
    PatientCalls(String url, Duration patience) {
        this.url = url;
        this.patience = patience;
    }

    /** Confluent's client reports a schema of another format as if the connection had failed. */
    private static boolean isOtherFormat(IOException failure) {
        return String.valueOf(failure.getMessage()).startsWith("Invalid schema ");
    }

    private static <T> T ask(Call<T> call) throws IOException, RestClientException {
        try {
            return call.answer();
        } catch (RuntimeException e) {
            // So the client wraps what goes wrong while it fetches the schemas that one refers to. Text that is no
            // schema has an IOException as its cause too, but as a kind of its own.
            boolean wrapper = e.getClass().equals(RuntimeException.class);
            if (wrapper && e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (wrapper && e.getCause() instanceof RestClientException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    /**
     * @param action in words, after "Cannot"
     * @throws RestClientException if the registry refuses
     * @throws RegistryUnavailableException if no answer came in time
     * @throws SchemaParseException if it answers with a schema that is not Avro's
     */
    <T> T patiently(String action, Call<T> call) throws RestClientException {
        long deadline = System.nanoTime() + patience.toNanos();
        long pauseMillis = FIRST_PAUSE.toMillis();
        while (true) {
            Exception failure;
            try {
                return ask(call);
            } catch (RestClientException e) {
                if (e.getStatus() < FIRST_SERVER_ERROR && !TRY_LATER.contains(e.getStatus())) {
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
