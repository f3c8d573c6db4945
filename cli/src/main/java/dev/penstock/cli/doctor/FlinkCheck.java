package dev.penstock.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.cli.output.CommandException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a Flink cluster, by its REST interface.
 *
 * @see <a href="https://nightlies.apache.org/flink/flink-docs-release-2.3/docs/ops/rest_api/">Flink's REST API</a>
 */
final class FlinkCheck {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LONG_WITHOUT_CHECKPOINT = Duration.ofMinutes(5);
    private static final Duration RECENT = Duration.ofHours(1);
    private static final int OK = 200;

    private final Optional<String> url;
    private final Clock clock;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /** @param url such as {@code http://localhost:8082}; empty if it is not known */
    FlinkCheck(Optional<String> url, Clock clock) {
        this.url = url.map(address -> address.replaceAll("/+$", ""));
        this.clock = clock;
    }

    List<Finding> look() throws InterruptedException {
        if (url.isEmpty()) {
            return List.of(Finding.warning(
                    "not looked at, since its address is not known",
                    "Name Flink's web interface with --flink http://HOST:8081."));
        }
        JsonNode overview = ask("/overview");
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("%s answers: version %s, %d task managers, %d of %d slots free%s"
                .formatted(
                        url.get(),
                        overview.path("flink-version").asText("not known"),
                        overview.path("taskmanagers").asInt(),
                        overview.path("slots-available").asInt(),
                        overview.path("slots-total").asInt(),
                        heap())));
        JsonNode jobs = ask("/jobs/overview").path("jobs");
        if (jobs.isEmpty()) {
            findings.add(Finding.problem(
                    "no job runs there", "Start the inference job; 'penstock up' starts it on the local platform."));
        }
        for (JsonNode job : jobs) {
            findings.addAll(job(job));
        }
        return findings;
    }

    private String heap() throws InterruptedException {
        JsonNode metrics = ask("/jobmanager/metrics?get=Status.JVM.Memory.Heap.Used,Status.JVM.Memory.Heap.Max");
        long used = metric(metrics, "Status.JVM.Memory.Heap.Used");
        long most = metric(metrics, "Status.JVM.Memory.Heap.Max");
        return most <= 0 ? "" : ", heap %s of %s".formatted(Amounts.bytes(used), Amounts.bytes(most));
    }

    private static long metric(JsonNode metrics, String id) {
        for (JsonNode metric : metrics) {
            if (metric.path("id").asText().equals(id)) {
                return metric.path("value").asLong();
            }
        }
        return 0;
    }

    private List<Finding> job(JsonNode job) throws InterruptedException {
        String id = job.path("jid").asText();
        String name = job.path("name").asText();
        String state = job.path("state").asText();
        JsonNode failures = ask("/jobs/%s/exceptions?maxExceptions=1".formatted(id))
                .path("exceptionHistory")
                .path("entries");
        if (!state.equals("RUNNING")) {
            return List.of(notRunning(name, state, failures));
        }
        List<Finding> findings = new ArrayList<>(new ResidentVersions(this::ask).of(id, name));
        findings.add(checkpoints(
                name, Duration.ofMillis(job.path("duration").asLong()), ask("/jobs/%s/checkpoints".formatted(id))));
        JsonNode newest = failures.path(0);
        Instant failed = Instant.ofEpochMilli(newest.path("timestamp").asLong());
        if (failed.isAfter(clock.instant().minus(RECENT))) {
            findings.add(Finding.warning(
                    "job %s failed %s ago and was started again: %s"
                            .formatted(name, Amounts.time(since(failed)), cause(newest)),
                    "Its exceptions are at %s/#/job/running/%s/exceptions.".formatted(url.orElse(""), id)));
        }
        return findings;
    }

    private static Finding notRunning(String name, String state, JsonNode failures) {
        String what = "job %s is %s".formatted(name, state);
        return switch (state) {
            case "FINISHED", "CANCELED", "SUSPENDED" ->
                Finding.warning(what, "Somebody stopped it; start it again from its last savepoint.");
            case "CREATED", "INITIALIZING" -> Finding.warning(what, "It is starting: ask again in a moment.");
            default ->
                Finding.problem(
                        failures.isEmpty() ? what : "%s: %s".formatted(what, cause(failures.path(0))),
                        "Remove the cause; Flink starts the job again by itself unless it has FAILED.");
        };
    }

    Finding checkpoints(String name, Duration running, JsonNode checkpoints) {
        JsonNode last = checkpoints.path("latest").path("completed");
        long failed = checkpoints.path("counts").path("failed").asLong();
        String what = "job %s is RUNNING for %s, ".formatted(name, Amounts.time(running));
        String remedy = "Can it write into its checkpoint directory, and do its tasks keep up?";
        if (last.isMissingNode() || last.isNull()) {
            what += "without a checkpoint so far, %d failed".formatted(failed);
            return running.compareTo(LONG_WITHOUT_CHECKPOINT) < 0 ? Finding.ok(what) : Finding.warning(what, remedy);
        }
        Duration age =
                since(Instant.ofEpochMilli(last.path("latest_ack_timestamp").asLong()));
        what += "last checkpoint %s ago (%s in %s), %d failed"
                .formatted(
                        Amounts.time(age),
                        Amounts.bytes(last.path("state_size").asLong()),
                        Amounts.time(Duration.ofMillis(
                                last.path("end_to_end_duration").asLong())),
                        failed);
        return age.compareTo(LONG_WITHOUT_CHECKPOINT) < 0 ? Finding.ok(what) : Finding.warning(what, remedy);
    }

    private static String cause(JsonNode failure) {
        return failure.path("stacktrace")
                .asText(failure.path("exceptionName").asText())
                .lines()
                // The innermost cause says most.
                .filter(line -> line.startsWith("Caused by: "))
                .reduce((outer, inner) -> inner)
                .map(line -> line.substring("Caused by: ".length()))
                .orElse(failure.path("exceptionName").asText("for an unknown reason"));
    }

    private Duration since(Instant instant) {
        return Duration.between(instant, clock.instant());
    }

    private JsonNode ask(String path) throws InterruptedException {
        String address = url.orElseThrow() + path;
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(address))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != OK) {
                throw away("it answers with status %d to %s".formatted(response.statusCode(), path), null);
            }
            return JSON.readTree(response.body());
        } catch (IOException | IllegalArgumentException e) {
            throw away(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
        }
    }

    private CommandException away(String reason, @Nullable Exception cause) {
        return CommandException.failed(
                "Cannot ask Flink at %s: %s".formatted(url.orElse(""), reason),
                "Is it running? Start the local platform with 'penstock up', or name another with --flink.",
                cause);
    }
}
