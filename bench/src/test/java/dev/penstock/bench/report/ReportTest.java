package dev.penstock.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.bench.measuring.Beside;
import dev.penstock.bench.measuring.Growth;
import dev.penstock.bench.measuring.Latency;
import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.Swaps;
import dev.penstock.bench.measuring.Throughput;
import dev.penstock.bench.variants.Contender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void showsMediansAndHowFarTheRoundsWent() {
        String text = report(dense()).toMarkdown();

        assertThat(text)
                .contains("| processor | two cores |")
                .contains("| product   | 160,000 (150,000 to 170,000) | 11.0 (10.0 to 12.0) ")
                .contains("| ceiling   | 1.00 (0.75 to 1.70) ");
    }

    @Test
    void showsWhatGrowingCosts() {
        assertThat(report(dense()).toMarkdown())
                .contains("| partitions | 8   | product   | 80,000 (70,000 to 90,000) | 13.0 (12.0 to 14.0) ");
    }

    @Test
    void saysWhichDemandsAreReachedAndWhichMissed() {
        String text = report(dense()).toMarkdown();

        assertThat(text.lines().filter(line -> line.contains("÷ ceiling ")))
                .singleElement()
                .asString()
                .contains("1.00", "≥ 0.75", "reached");
        assertThat(text.lines().filter(line -> line.contains("÷ flink-tf ")))
                .singleElement()
                .asString()
                .contains("10.00", "≥ 15.0", "missed");
    }

    @Test
    void judgesLatencyAndSwapsWhereTheyWereMeasured() {
        WorkloadReport dense = dense();
        WorkloadReport more = new WorkloadReport(
                dense.workload(),
                dense.description(),
                dense.throughput(),
                List.of(
                        at(Contender.PRODUCT, "idle", 3, 5),
                        at(Contender.PRODUCT, "50 % of flink-tf", 3, 8),
                        at(Contender.PRODUCT_SINGLE, "idle", 2.5, 5),
                        at(Contender.FLINK_TENSORFLOW, "50 %", 4, 60)),
                Optional.of(new Swaps(1_000, latency(2, 4), latency(2, 8), 0, 0, 200, 20)),
                Optional.of(new Beside(
                        1_000,
                        List.of(latency(2, 10), latency(2, 10), latency(2, 20)),
                        List.of(latency(2, 11), latency(2, 30), latency(2, 20)),
                        700)));

        assertThat(Requirements.of(more))
                .filteredOn(requirement -> !requirement.what().startsWith("throughput"))
                .extracting(Requirement::measured, Requirement::reached)
                .containsExactly(
                        tuple(-52.0, true),
                        tuple(0.5, true),
                        tuple(0.0, true),
                        tuple(2.0, false),
                        tuple(20.0, false),
                        tuple(1.1, true));
    }

    @Test
    void writesTheSameAsMarkdownAndAsJson(@TempDir Path directory) throws Exception {
        Report report = report(dense());

        report.write(directory);

        assertThat(directory.resolve("2026-01-02T0304.md")).hasContent(report.toMarkdown());
        JsonNode json = new ObjectMapper().readTree(Files.readString(directory.resolve("2026-01-02T0304.json")));
        assertThat(json.at("/machine/processor").asText()).isEqualTo("two cores");
        assertThat(json.at("/workloads/0/throughput/0/eventsPerSecondByRound").size())
                .isEqualTo(3);
        assertThat(json.at("/workloads/0/productRatios/0/over").asText()).isEqualTo("ceiling");
        assertThat(json.at("/growth/0/grows").asText()).isEqualTo("partitions");
        assertThat(json.at("/growth/0/eventsPerSecond").asDouble()).isEqualTo(80_000);
        assertThat(json.at("/workloads/0/requirements/0/reached").isBoolean()).isTrue();
    }

    private static Growth growth() {
        return new Growth(
                "partitions",
                "8",
                new Throughput(Contender.PRODUCT, List.of(90_000.0, 80_000.0, 70_000.0), List.of(14.0, 13.0, 12.0)));
    }

    private static Report report(WorkloadReport workload) {
        return new Report(TIME, Map.of("processor", "two cores"), 3, List.of(workload), List.of(growth()));
    }

    private static WorkloadReport dense() {
        return new WorkloadReport(
                "dense",
                "a network",
                List.of(
                        new Throughput(
                                Contender.PRODUCT, List.of(150_000.0, 170_000.0, 160_000.0), List.of(10.0, 11.0, 12.0)),
                        new Throughput(
                                Contender.CEILING, List.of(200_000.0, 100_000.0, 160_000.0), List.of(9.0, 9.0, 9.0)),
                        new Throughput(
                                Contender.FLINK_TENSORFLOW,
                                List.of(15_000.0, 17_000.0, 16_000.0),
                                List.of(100.0, 100.0, 100.0)),
                        new Throughput(Contender.RAW_TENSORFLOW, List.of(400_000.0, 400_000.0, 400_000.0), List.of())),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    private static LatencyAtLoad at(Contender contender, String load, double p50, double p99) {
        return new LatencyAtLoad(contender, load, 1_000, latency(p50, p99));
    }

    private static Latency latency(double p50, double p99) {
        return new Latency(p50, p99, p99);
    }
}
