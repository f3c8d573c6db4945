package dev.penstock.cli.demo;

import dev.penstock.cli.output.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far each pipeline is: a table that is drawn again in place on a terminal, one every few seconds elsewhere.
 */
final class LiveProgress {
    private static final Duration ON_TERMINAL = Duration.ofMillis(500);
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);

    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintStream out;
    private final boolean terminal;
    /** By pipeline: when it was first seen to have sent more than the one event that is sent to begin with. */
    private final Map<String, Long> starts = new HashMap<>();

    private int linesDrawn;
    private long lastDrawn;

    LiveProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Draws if it is time to. */
    void show(List<DemoPipeline> pipelines) {
        Duration pause = terminal ? ON_TERMINAL : ELSEWHERE;
        if (System.nanoTime() - lastDrawn >= pause.toNanos()) {
            draw(pipelines);
        }
    }

    void draw(List<DemoPipeline> pipelines) {
        lastDrawn = System.nanoTime();
        Table table = Table.withColumns(
                "PIPELINE", "SENT", "PREDICTED", "REJECTED", "ACCURACY", "PER SECOND", "P50 MS", "P99 MS");
        for (DemoPipeline pipeline : pipelines) {
            Tally tally = pipeline.ledger().tally();
            table.row(
                    pipeline.name(),
                    "%d/%d".formatted(tally.sent(), pipeline.events().size()),
                    tally.predicted(),
                    tally.deadLettered(),
                    DemoReport.number(PipelineReport.orNull(tally.accuracy()), "%.3f"),
                    DemoReport.number(perSecond(pipeline, tally), "%.0f"),
                    DemoReport.number(PipelineReport.orNull(tally.latency(0.50)), "%.0f"),
                    DemoReport.number(PipelineReport.orNull(tally.latency(0.99)), "%.0f"));
        }
        String text = table.toString();
        if (terminal && linesDrawn > 0) {
            // ANSI: cursor up by so many lines, then clear to the end of the screen.
            out.printf("\u001b[%dA\u001b[J", linesDrawn);
        }
        out.println(text);
        linesDrawn = (int) text.lines().count();
    }

    private @Nullable Double perSecond(DemoPipeline pipeline, Tally tally) {
        if (tally.sent() <= 1) {
            return null;
        }
        long start = starts.computeIfAbsent(pipeline.name(), flowing -> lastDrawn);
        return start == lastDrawn ? null : tally.predicted() * NANOS_PER_SECOND / (lastDrawn - start);
    }
}
