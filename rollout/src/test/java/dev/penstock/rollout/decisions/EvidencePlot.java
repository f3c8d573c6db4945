package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bet;
import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.ConfidenceSequence;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws what labels say of three candidates as they come: the picture in the README. Its argument is the file to
 * write.
 */
final class EvidencePlot {
    private static final int LABELS = 6_000;
    private static final int EVERY = 20;
    private static final double ALPHA = 0.05;
    private static final double MARGIN = 0.01;

    private EvidencePlot() {}

    public static void main(String[] arguments) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(1_000)
                .height(560)
                .title("How much more the candidate errs: intervals that hold at all times together (95 %)")
                .xAxisTitle("labels in SHADOW")
                .yAxisTitle("candidate's error less the champion's")
                .build();
        Styler styler = chart.getStyler();
        styler.setChartBackgroundColor(Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.InsideNE)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        chart.getStyler().setYAxisMin(-0.12).setYAxisMax(0.12).setYAxisDecimalPattern("0.00");
        chart.getStyler().setXAxisMin(0.0).setXAxisMax((double) LABELS);
        draw(chart, "worse by 3 points", 0.0778, new Color(178, 34, 34));
        draw(chart, "the same", 0.0444, new Color(110, 110, 110));
        draw(chart, "better by 2 points", 0.0222, new Color(0, 110, 60));
        line(chart, "margin", MARGIN);
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", new File(arguments[0]));
    }

    /** The champion errs on 10 of 100; the candidate on 6 of those, and on a share of the others. */
    private static void draw(XYChart chart, String name, double newErrs, Color colour) {
        Random random = new Random(11);
        ConfidenceSequence sequence = new ConfidenceSequence(ALPHA, Bounds.DIFFERENCE_OF_SHARES);
        Bet better = Bet.below(0, Bounds.DIFFERENCE_OF_SHARES);
        Bet worse = Bet.above(MARGIN, Bounds.DIFFERENCE_OF_SHARES);
        List<Integer> labels = new ArrayList<>();
        List<Double> estimates = new ArrayList<>();
        List<Double> lower = new ArrayList<>();
        List<Double> upper = new ArrayList<>();
        int decidedAt = 0;
        for (int label = 1; label <= LABELS; label++) {
            boolean championErrs = random.nextDouble() < 0.10;
            boolean candidateErrs = random.nextDouble() < (championErrs ? 0.60 : newErrs);
            double difference = (candidateErrs ? 1 : 0) - (championErrs ? 1 : 0);
            sequence.observe(difference, 1);
            better.observe(difference, 1);
            worse.observe(difference, 1);
            if (decidedAt == 0 && (better.shows(ALPHA) || worse.shows(ALPHA / 8))) {
                decidedAt = label;
            }
            if (label % EVERY == 0) {
                labels.add(label);
                estimates.add(sequence.estimate());
                lower.add(sequence.lower());
                upper.add(sequence.upper());
            }
        }
        String decided = decidedAt == 0 ? "never decided" : "decided at %,d".formatted(decidedAt);
        style(chart.addSeries(name + " (" + decided + ")", labels, estimates), colour, new BasicStroke(2.2f));
        BasicStroke thin = new BasicStroke(1.1f);
        style(chart.addSeries(name + ", lower", labels, lower), colour, thin).setShowInLegend(false);
        style(chart.addSeries(name + ", upper", labels, upper), colour, thin).setShowInLegend(false);
    }

    private static void line(XYChart chart, String name, double height) {
        List<Integer> ends = IntStream.of(0, LABELS).boxed().toList();
        BasicStroke dashed = new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 0, new float[] {6, 5}, 0);
        style(chart.addSeries(name, ends, List.of(height, height)), Color.BLACK, dashed);
    }

    private static XYSeries style(XYSeries series, Color colour, BasicStroke stroke) {
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(colour);
        series.setLineStyle(stroke);
        return series;
    }
}
