package dev.penstock.bench.report;

import ai.onnxruntime.OrtEnvironment;
import dev.penstock.bench.measuring.Growth;
import dev.penstock.measuring.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.common.utils.AppInfoParser;
import org.tensorflow.TensorFlow;

/**
 * One run of the benchmark.
 *
 * @param machine what it ran on, by name, in an order to be read in
 * @param rounds that counted
 * @param growth empty where it was not measured
 */
public record Report(
        Instant time, Map<String, String> machine, int rounds, List<WorkloadReport> workloads, List<Growth> growth) {
    private static final DateTimeFormatter FILE_NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmm", Locale.ROOT).withZone(ZoneOffset.UTC);

    public Report {
        workloads = List.copyOf(workloads);
        growth = List.copyOf(growth);
    }

    /** Of this machine. */
    public static Report of(Instant time, int rounds, List<WorkloadReport> workloads, List<Growth> growth) {
        return new Report(time, Machine.describe(versions()), rounds, workloads, growth);
    }

    private static Map<String, String> versions() {
        String flink = EnvironmentInformation.class.getPackage().getImplementationVersion();
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("flink", flink == null ? "unknown" : flink);
        versions.put("kafka", AppInfoParser.getVersion());
        versions.put("tensorflow", TensorFlow.version());
        versions.put("onnx-runtime", OrtEnvironment.getEnvironment().getVersion());
        return versions;
    }

    /** Writes {@code <time>.md} and {@code <time>.json}. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        String name = FILE_NAME.format(time);
        Files.writeString(directory.resolve(name + ".md"), toMarkdown());
        Files.writeString(directory.resolve(name + ".json"), new JsonReport(this).toString());
    }

    /** For people; on the terminal too. */
    public String toMarkdown() {
        return new MarkdownReport(this).toString();
    }
}
