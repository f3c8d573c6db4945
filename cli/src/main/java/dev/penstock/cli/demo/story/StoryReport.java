package dev.penstock.cli.demo.story;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The story as a page that needs nothing beside itself, and a picture of each model's accuracy by version over time. */
public final class StoryReport {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private final Instant start;
    private final AccuracyByVersion accuracy;
    private final int window;

    /** One act, in a sentence with figures. */
    public record Act(String title, String sentence) {}

    /**
     * @param start of the story: times are counted from it
     * @param window decisions of one version that make a point
     */
    public StoryReport(Instant start, AccuracyByVersion accuracy, int window) {
        this.start = start;
        this.accuracy = accuracy;
        this.window = window;
    }

    /**
     * Writes {@code report.html}, and {@code accuracy-<model>.png} for each model with a version that decided enough.
     *
     * @param directory is made where it does not exist; files of those names in it are replaced
     * @return the page
     */
    public Path write(Path directory, List<Act> acts) throws IOException {
        Files.createDirectories(directory);
        List<String> pictures = new ArrayList<>();
        List<String> models = accuracy.scores().stream()
                .map(AccuracyByVersion.Score::model)
                .distinct()
                .toList();
        for (String model : models) {
            Map<Integer, List<AccuracyByVersion.Point>> curves = accuracy.overTime(model, window);
            if (!curves.isEmpty()) {
                byte[] png = ChartEncoder.getBytes(chart(model, curves), "png");
                Files.write(directory.resolve("accuracy-%s.png".formatted(model)), png);
                pictures.add(
                        "<h2>%s</h2><img alt=\"Accuracy of the versions of %s over time\" src=\"data:image/png;base64,%s\">"
                                .formatted(
                                        escaped(model),
                                        escaped(model),
                                        Base64.getEncoder().encodeToString(png)));
            }
        }
        Path page = directory.resolve("report.html");
        Files.writeString(page, page(acts, pictures));
        return page;
    }

    private XYChart chart(String model, Map<Integer, List<AccuracyByVersion.Point>> curves) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("%s: accuracy by version, over %d decisions each".formatted(model, window))
                .xAxisTitle("seconds since the start")
                .yAxisTitle("share of right decisions")
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setYAxisDecimalPattern("0.00");
        chart.getStyler().setXAxisDecimalPattern("0");
        chart.getStyler().setYAxisMax(1.0);
        curves.forEach((version, points) -> chart.addSeries(
                        "version %d".formatted(version),
                        points.stream()
                                .mapToDouble(point ->
                                        Duration.between(start, point.at()).toMillis() / 1000.0)
                                .toArray(),
                        points.stream()
                                .mapToDouble(AccuracyByVersion.Point::accuracy)
                                .toArray())
                .setMarker(SeriesMarkers.CIRCLE));
        return chart;
    }

    private String page(List<Act> acts, List<String> pictures) {
        String told = acts.stream()
                .map(act -> "<li><b>%s.</b> %s</li>".formatted(escaped(act.title()), escaped(act.sentence())))
                .collect(Collectors.joining("\n"));
        String rows = accuracy.scores().stream()
                .map(score -> "<tr><td>%s<td>%d<td>%,d<td>%s<td>%s"
                        .formatted(
                                escaped(score.model()),
                                score.version(),
                                score.answered(),
                                score.accuracy().isPresent()
                                        ? share(score.accuracy().getAsDouble())
                                        : "–",
                                score.shadowAccuracy().isPresent()
                                        ? share(score.shadowAccuracy().getAsDouble())
                                        : "–"))
                .collect(Collectors.joining("\n"));
        return """
                <!DOCTYPE html>
                <html lang="en">
                <meta charset="utf-8">
                <title>Penstock: what the demo showed</title>
                <style>
                body {font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222}
                table {border-collapse: collapse} th, td {padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd}
                th:first-child, td:first-child {text-align: left} img {max-width: 100%%}
                </style>
                <h1>What the demo showed</h1>
                <ol>
                %s
                </ol>
                <h2>Accuracy by version</h2>
                <table>
                <tr><th>model<th>version<th>answered<th>accuracy<th>as shadow
                %s
                </table>
                %s
                </html>
                """.formatted(told, rows, String.join("\n", pictures));
    }

    private static String share(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
