package dev.penstock.cli.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.cli.output.CommandException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a schema registry says of its subjects. Reads over Confluent's REST API and asks once: unlike the jobs, a person
 * would rather hear that it is away than wait. Thread-safe.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Confluent's REST API</a>
 */
public final class Subjects {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    private final String url;
    private final Duration patience;
    private final HttpClient client;

    /** @param patience for each answer */
    public Subjects(String url, Duration patience) {
        this.url = url.replaceAll("/+$", "");
        this.patience = patience;
        this.client = HttpClient.newBuilder().connectTimeout(patience).build();
    }

    /** @throws CommandException if the registry does not answer */
    public List<String> names() {
        JsonNode answer = ask(request("/subjects").GET())
                .orElseThrow(
                        () -> away("it knows no /subjects, so it is something else, or its path is missing", null));
        List<String> names = new ArrayList<>();
        answer.forEach(name -> names.add(name.asText()));
        return names;
    }

    /** @throws CommandException if the registry does not answer */
    public Optional<RegisteredSchema> newest(String subject) {
        return ask(request("/subjects/%s/versions/latest".formatted(encoded(subject)))
                        .GET())
                .map(answer -> new RegisteredSchema(
                        answer.path("version").asInt(),
                        answer.path("id").asInt(),
                        answer.path("schema").asText()));
    }

    /**
     * The changes that the registry allows, such as {@code FULL_TRANSITIVE}: the subject's own level, else the one for all.
     *
     * @throws CommandException if the registry does not answer
     */
    public Optional<String> level(String subject) {
        return ask(request("/config/%s?defaultToGlobal=true".formatted(encoded(subject)))
                        .GET())
                .or(() -> ask(request("/config").GET()))
                .map(answer -> answer.path("compatibilityLevel").asText());
    }

    /**
     * Whether the registry would take this schema as the next of the subject.
     *
     * @throws CommandException if the registry does not answer
     */
    public boolean accepts(String subject, Schema schema) {
        HttpRequest.BodyPublisher body;
        try {
            body = HttpRequest.BodyPublishers.ofString(
                    JSON.writeValueAsString(Map.of("schemaType", "AVRO", "schema", schema.toString())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write JSON: " + e.getMessage(), e);
        }
        return ask(request("/compatibility/subjects/%s/versions/latest".formatted(encoded(subject)))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(body))
                .map(answer -> answer.path("is_compatible").asBoolean())
                // There is no subject yet, so that nothing could be broken.
                .orElse(true);
    }

    private HttpRequest.Builder request(String path) {
        try {
            return HttpRequest.newBuilder(URI.create(url + path)).timeout(patience);
        } catch (IllegalArgumentException e) {
            throw CommandException.misused(
                    "Cannot use '%s' as the schema registry: %s".formatted(url, e.getMessage()),
                    "Write it like http://localhost:8081.");
        }
    }

    /** Empty where the registry has no such thing. */
    private Optional<JsonNode> ask(HttpRequest.Builder request) {
        HttpResponse<String> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw away(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away("interrupted", e);
        }
        if (response.statusCode() == NOT_FOUND) {
            return Optional.empty();
        }
        try {
            if (response.statusCode() == OK) {
                return Optional.of(JSON.readTree(response.body()));
            }
        } catch (JsonProcessingException e) {
            throw away("its answer is not JSON, so it is something else", e);
        }
        throw away("it answers with status %d".formatted(response.statusCode()), null);
    }

    private CommandException away(String reason, @Nullable Exception cause) {
        return CommandException.failed(
                "Cannot ask the schema registry at %s: %s".formatted(url, reason),
                "Is it running? Start the local platform with 'penstock up', or name another with --registry.",
                cause);
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
