package dev.penstock.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry over HTTP on loopback: those calls of Confluent's API that its clients make, for Avro without
 * references. Compatibility is enforced; schemas and their ids survive a restart, since the topics beside it hold those
 * ids. The caller closes it.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRegistry.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Set<String> ROOTS = Set.of("subjects", "schemas", "compatibility", "config", "mode");
    private static final int THREADS = 2;
    private static final int LARGEST_REQUEST = 4 * 1024 * 1024;

    private final HttpServer server;
    private final ExecutorService threads;
    private final SchemaStore store;

    private EmbeddedRegistry(HttpServer server, ExecutorService threads, SchemaStore store) {
        this.server = server;
        this.threads = threads;
        this.store = store;
    }

    /**
     * @param file where schemas are kept, created if it is not there
     * @param port to listen on, 0 for a free one
     * @throws IllegalStateException if the port is taken or the file cannot be read
     */
    public static EmbeddedRegistry start(Path file, int port) {
        // Read once, by the JVM's first server: without it each answer waits some 40 ms for a delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        SchemaStore store = SchemaStore.open(file);
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot start the schema registry on port %d: %s; stop what listens there or choose another port"
                            .formatted(port, e.getMessage()),
                    e);
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "schema-registry");
            thread.setDaemon(true);
            return thread;
        });
        EmbeddedRegistry registry = new EmbeddedRegistry(server, threads, store);
        server.createContext("/", registry::handle);
        server.setExecutor(threads);
        server.start();
        return registry;
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        int status = 200;
        Object answer;
        try {
            byte[] body = exchange.getRequestBody().readNBytes(LARGEST_REQUEST + 1);
            if (body.length > LARGEST_REQUEST) {
                throw new RegistryError(413, 413, "The request has more than %d bytes".formatted(LARGEST_REQUEST));
            }
            answer = route(
                    exchange.getRequestMethod(),
                    path(exchange),
                    body.length == 0 ? JSON.nullNode() : JSON.readTree(body));
        } catch (RegistryError e) {
            status = e.status();
            answer = Map.of("error_code", e.code(), "message", e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("The schema registry failed on {} {}", exchange.getRequestMethod(), exchange.getRequestURI(), e);
            status = 500;
            answer = Map.of("error_code", 50001, "message", String.valueOf(e.getMessage()));
        }
        byte[] bytes = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** The path's parts from the first that the API knows, so that any prefix such as {@code /apis/ccompat/v7} works. */
    private static List<String> path(HttpExchange exchange) {
        String[] parts = exchange.getRequestURI().getRawPath().substring(1).split("/", -1);
        int root = 0;
        while (root < parts.length && !ROOTS.contains(parts[root])) {
            root++;
        }
        return Arrays.stream(parts, root, parts.length)
                .filter(part -> !part.isEmpty())
                .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
                .toList();
    }

    private synchronized Object route(String method, List<String> path, JsonNode body) {
        return switch (path.isEmpty() ? "" : path.get(0)) {
            case "subjects" -> subjects(method, path, body);
            case "schemas" -> schemas(path);
            case "compatibility" -> compatibility(path, body);
            case "config" -> config(method, path, body);
            case "mode" -> Map.of("mode", "READWRITE");
            default -> throw RegistryError.noSuchPath();
        };
    }

    private Object subjects(String method, List<String> path, JsonNode body) {
        if (path.size() == 1) {
            return store.subjects();
        }
        String subject = path.get(1);
        if (path.size() == 2) {
            return method.equals("DELETE") ? store.delete(subject) : describe(store.find(subject, schema(body)));
        }
        if (path.size() == 3) {
            return method.equals("POST")
                    ? Map.of("id", store.register(subject, schema(body)).id())
                    : store.versions(subject);
        }
        RegisteredSchema found = store.version(subject, path.get(3));
        return path.size() == 5 && path.get(4).equals("schema") ? JSON.valueToTree(found.schema()) : describe(found);
    }

    private Object schemas(List<String> path) {
        if (path.size() == 2 && path.get(1).equals("types")) {
            return List.of("AVRO");
        }
        if (path.size() < 3) {
            throw RegistryError.noSuchPath();
        }
        List<RegisteredSchema> found = store.withId(path.get(2));
        if (path.size() == 4 && path.get(3).equals("versions")) {
            return found.stream()
                    .map(schema -> Map.of("subject", schema.subject(), "version", schema.version()))
                    .toList();
        }
        return Map.of("schema", found.get(0).schema());
    }

    private Object compatibility(List<String> path, JsonNode body) {
        if (path.size() < 5) {
            throw RegistryError.noSuchPath();
        }
        List<String> complaints = store.incompatibilities(path.get(2), schema(body));
        return Map.of("is_compatible", complaints.isEmpty(), "messages", complaints);
    }

    private Object config(String method, List<String> path, JsonNode body) {
        String subject = path.size() > 1 ? path.get(1) : "";
        if (!method.equals("PUT")) {
            return Map.of("compatibilityLevel", store.compatibility(subject));
        }
        String level = body.path("compatibility").asText();
        store.requireCompatibility(subject, level);
        return Map.of("compatibility", level);
    }

    private static Map<String, Object> describe(RegisteredSchema found) {
        return Map.of(
                "subject", found.subject(), "id", found.id(), "version", found.version(), "schema", found.schema());
    }

    private static String schema(JsonNode body) {
        if (!body.path("schemaType").asText("AVRO").equals("AVRO")
                || !body.path("references").isEmpty()) {
            throw RegistryError.invalidSchema("only Avro without references is supported here");
        }
        return body.path("schema").asText();
    }
}
