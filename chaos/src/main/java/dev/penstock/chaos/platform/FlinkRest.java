package dev.penstock.chaos.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is asked of Flink's REST interface. Thread-safe. */
public final class FlinkRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI root;

    FlinkRest(int port) {
        this.root = URI.create("http://localhost:%d/".formatted(port));
    }

    /** A job that Flink knows. */
    public record Job(String id, String name, String state) {}

    /** All that the JobManager of now has had. */
    public List<Job> jobs() throws IOException, InterruptedException {
        List<Job> jobs = new ArrayList<>();
        for (JsonNode job : get("jobs/overview").path("jobs")) {
            jobs.add(new Job(
                    job.path("jid").asText(),
                    job.path("name").asText(),
                    job.path("state").asText()));
        }
        return jobs;
    }

    /** Whether the JobManager of now has jobs, and all of their tasks run. */
    public boolean isEveryTaskRunning() throws IOException, InterruptedException {
        JsonNode jobs = get("jobs/overview").path("jobs");
        for (JsonNode job : jobs) {
            JsonNode tasks = job.path("tasks");
            if (tasks.path("running").asInt() < Math.max(1, tasks.path("total").asInt())) {
                return false;
            }
        }
        return !jobs.isEmpty();
    }

    /** TaskManagers on which tasks run, by their {@code taskmanager.resource-id}. */
    public Set<String> busyTaskManagers() throws IOException, InterruptedException {
        Set<String> busy = new HashSet<>();
        for (JsonNode taskManager : get("taskmanagers").path("taskmanagers")) {
            if (taskManager.path("freeSlots").asInt()
                    < taskManager.path("slotsNumber").asInt()) {
                busy.add(taskManager.path("id").asText());
            }
        }
        return busy;
    }

    /** Completed and failed checkpoints of a job since its JobManager began. */
    public Checkpoints checkpoints(String job) throws IOException, InterruptedException {
        JsonNode counts = get("jobs/%s/checkpoints".formatted(job)).path("counts");
        return new Checkpoints(
                counts.path("completed").asLong(), counts.path("failed").asLong());
    }

    /** @param completed and {@code failed}: of a job since its JobManager began */
    public record Checkpoints(long completed, long failed) {}

    /**
     * Stops a job with a savepoint.
     *
     * @param directory for savepoints
     * @return where the savepoint is
     * @throws IllegalStateException if Flink could not
     */
    public String stopWithSavepoint(String job, URI directory, Duration patience)
            throws IOException, InterruptedException {
        JsonNode trigger =
                post("jobs/%s/stop".formatted(job), Map.of("targetDirectory", directory.toString(), "drain", false));
        String request = trigger.path("request-id").asText();
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode answer = get("jobs/%s/savepoints/%s".formatted(job, request));
            if (answer.path("status").path("id").asText().equals("COMPLETED")) {
                JsonNode operation = answer.path("operation");
                if (operation.has("location")) {
                    return operation.path("location").asText();
                }
                throw new IllegalStateException("Cannot stop job %s with a savepoint: %s"
                        .formatted(
                                job,
                                operation.path("failure-cause").path("class").asText()));
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException(
                "Cannot stop job %s with a savepoint: it took more than %s".formatted(job, patience));
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return send(path, HttpRequest.newBuilder().GET());
    }

    private JsonNode post(String path, Map<String, Object> body) throws IOException, InterruptedException {
        return send(
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    private JsonNode send(String path, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                request.uri(root.resolve(path)).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException("Flink answers %d to %s: %s".formatted(response.statusCode(), path, response.body()));
        }
        return JSON.readTree(response.body());
    }
}
