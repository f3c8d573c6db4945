package dev.penstock.chaos.report;

import dev.penstock.measuring.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * What one run of the command saw.
 *
 * @param machine what it ran on, by name, in an order to be read in
 * @param scales empty where growing was not measured
 */
public record Report(Instant time, Map<String, String> machine, List<TrialReport> trials, List<ScaleReport> scales) {
    private static final DateTimeFormatter FILE_NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmm", Locale.ROOT).withZone(ZoneOffset.UTC);

    public Report {
        trials = List.copyOf(trials);
        scales = List.copyOf(scales);
    }

    /** Of this machine. */
    public static Report of(Instant time, List<TrialReport> trials, List<ScaleReport> scales) {
        return new Report(time, Machine.describe(Map.of("kafka", AppInfoParser.getVersion())), trials, scales);
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

    /** Whether every trial holds. */
    public boolean holds() {
        return trials.stream().allMatch(TrialReport::holds);
    }
}
