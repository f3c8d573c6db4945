package dev.penstock.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DemoReport(
        long seed,
        int events,
        double firstPredictionSeconds,
        double totalSeconds,
        @Nullable Long peakResidentMebibytes,
        boolean balanced,
        List<PipelineReport> pipelines) {

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
