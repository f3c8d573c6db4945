package dev.penstock.cli.demo;

import dev.penstock.cli.output.Table;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * Shows how far each pipeline is: a table that is drawn again in place on a terminal, one every few seconds elsewhere.
 */
final class LiveProgress {
    private static final Duration ON_TERMINAL = Duration.ofMillis(500);
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.nanoTime();
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
        double seconds = Duration.ofNanos(lastDrawn - start).toMillis() / 1000.0;
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
                    DemoReport.number(tally.predicted() / seconds, "%.0f"),
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
}
