package dev.penstock.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.penstock.cli.doctor.Finding.Status;
import dev.penstock.cli.output.CommandException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlinkCheckTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String OVERVIEW =
            "{\"taskmanagers\":1,\"slots-total\":2,\"slots-available\":1,\"flink-version\":\"2.3.0\"}";
    private static final String HEAP = "[{\"id\":\"Status.JVM.Memory.Heap.Used\",\"value\":\"104857600\"},"
            + "{\"id\":\"Status.JVM.Memory.Heap.Max\",\"value\":\"1073741824\"}]";

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void describesAJobThatIsWell() throws InterruptedException {
        List<Finding> findings =
                look(job("RUNNING"), checkpoints(NOW.minusSeconds(4)), exceptions(NOW.minusSeconds(7_200)));

        assertThat(findings)
                .containsExactly(
                        Finding.ok(
                                "%s answers: version 2.3.0, 1 task managers, 1 of 2 slots free, heap 100 MiB of 1.0 GiB"
                                        .formatted(url())),
                        Finding.ok("job penstock-inference is RUNNING for 10 minutes, "
                                + "last checkpoint 4 s ago (2 KiB in 30 ms), 1 failed"));
    }

    @Test
    void findsThatNoJobRuns() throws InterruptedException {
        assertThat(look("{\"jobs\":[]}", "{}", "{}"))
                .filteredOn(finding -> finding.status() == Status.PROBLEM)
                .extracting(Finding::what)
                .containsExactly("no job runs there");
    }

    @Test
    void namesTheInnermostCauseOfAJobThatRestarts() throws InterruptedException {
        assertThat(look(job("RESTARTING"), checkpoints(NOW), exceptions(NOW)))
                .filteredOn(finding -> finding.status() == Status.PROBLEM)
                .extracting(Finding::what)
                .containsExactly("job penstock-inference is RESTARTING: java.io.IOException: inner");
    }

    @Test
    void warnsOfCheckpointsThatStopped() throws InterruptedException {
        assertThat(look(job("RUNNING"), checkpoints(NOW.minusSeconds(900)), "{}"))
                .filteredOn(finding -> finding.status() == Status.WARNING)
                .extracting(Finding::what)
                .containsExactly("job penstock-inference is RUNNING for 10 minutes, "
                        + "last checkpoint 15 minutes ago (2 KiB in 30 ms), 1 failed");
        assertThat(look(job("RUNNING"), "{\"counts\":{\"failed\":3},\"latest\":{\"completed\":null}}", "{}"))
                .filteredOn(finding -> finding.status() == Status.WARNING)
                .extracting(Finding::what)
                .containsExactly(
                        "job penstock-inference is RUNNING for 10 minutes, without a checkpoint so far, 3 failed");
    }

    @Test
    void warnsOfARecentFailure() throws InterruptedException {
        assertThat(look(job("RUNNING"), checkpoints(NOW), exceptions(NOW.minusSeconds(300))))
                .filteredOn(finding -> finding.status() == Status.WARNING)
                .extracting(Finding::what)
                .containsExactly(
                        "job penstock-inference failed 5 minutes ago and was started again: java.io.IOException: inner");
    }

    @Test
    void saysThatItWasNotToldWhereFlinkIs() throws InterruptedException {
        assertThat(new FlinkCheck(Optional.empty(), Clock.systemUTC()).look())
                .extracting(Finding::status)
                .containsExactly(Status.WARNING);
    }

    @Test
    void saysWhereNobodyAnswers() {
        server.stop(0);

        assertThatThrownBy(() -> new FlinkCheck(Optional.of(url()), Clock.systemUTC()).look())
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("Cannot ask Flink at " + url());
    }

    private List<Finding> look(String jobs, String checkpoints, String exceptions) throws InterruptedException {
        Map<String, String> answers = Map.of(
                "/overview", OVERVIEW,
                "/jobmanager/metrics", HEAP,
                "/jobs/overview", jobs,
                "/jobs/j-1", "{\"vertices\":[]}",
                "/jobs/j-1/checkpoints", checkpoints,
                "/jobs/j-1/exceptions", exceptions);
        server.createContext("/", exchange -> {
            byte[] answer =
                    answers.getOrDefault(exchange.getRequestURI().getPath(), "").getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.length == 0 ? 404 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        try {
            return new FlinkCheck(Optional.of(url() + "/"), Clock.fixed(NOW, ZoneOffset.UTC)).look();
        } finally {
            server.removeContext("/");
        }
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private static String job(String state) {
        return "{\"jobs\":[{\"jid\":\"j-1\",\"name\":\"penstock-inference\",\"state\":\"%s\",\"duration\":600000}]}"
                .formatted(state);
    }

    private static String checkpoints(Instant acknowledged) {
        return ("{\"counts\":{\"failed\":1},\"latest\":{\"completed\":{\"latest_ack_timestamp\":%d,"
                        + "\"state_size\":2048,\"end_to_end_duration\":30}}}")
                .formatted(acknowledged.toEpochMilli());
    }

    private static String exceptions(Instant failed) {
        return ("{\"exceptionHistory\":{\"entries\":[{\"exceptionName\":\"outer\",\"timestamp\":%d,"
                        + "\"stacktrace\":\"outer\\n\\tat x\\nCaused by: middle\\nCaused by: java.io.IOException: inner\\n\\tat y\"}]}}")
                .formatted(failed.toEpochMilli());
    }
}
