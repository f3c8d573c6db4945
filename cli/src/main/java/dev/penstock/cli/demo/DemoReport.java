package dev.penstock.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.penstock.cli.demo.story.StoryReport.Act;
import dev.penstock.cli.output.Table;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The demo's figures.
 *
 * @param firstPredictionSeconds from the start of the process to the first prediction seen
 * @param peakResidentMebibytes of this process, where the system tells
 * @param balanced whether every event has exactly one outcome
 * @param acts of the story, if it was told
 * @param models what became of each, if the story was told
 * @param shareOfBadVersion of the requests since it was published, that the bad version answered, 0 to 1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DemoReport(
        long seed,
        double firstPredictionSeconds,
        double totalSeconds,
        @Nullable Long peakResidentMebibytes,
        boolean balanced,
        List<PipelineReport> pipelines,
        List<Act> acts,
        List<ModelStory> models,
        @Nullable Double shareOfBadVersion) {

    Table table() {
        Table table = Table.withColumns(
                "PIPELINE",
                "MODALITY",
                "SENT",
                "PREDICTED",
                "DEAD LETTERS",
                "DUPLICATES",
                "ACCURACY",
                "AUC",
                "P50 MS",
                "P99 MS",
                "VERSION");
        for (PipelineReport pipeline : pipelines) {
            table.row(
                    pipeline.name(),
                    pipeline.modality(),
                    pipeline.sent(),
                    pipeline.predicted(),
                    pipeline.deadLettered(),
                    pipeline.duplicatesDropped(),
                    number(pipeline.accuracy(), "%.3f"),
                    number(pipeline.auc(), "%.3f"),
                    number(pipeline.latencyMillis().p50(), "%.0f"),
                    number(pipeline.latencyMillis().p99(), "%.0f"),
                    pipeline.modelVersion());
        }
        return table;
    }

    static String number(@Nullable Double value, String format) {
        return value == null ? "-" : String.format(Locale.ROOT, format, value);
    }
}
