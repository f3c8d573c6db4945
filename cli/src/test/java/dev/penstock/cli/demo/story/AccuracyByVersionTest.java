package dev.penstock.cli.demo.story;

import static dev.penstock.cli.demo.story.StoryPredictions.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.demo.story.AccuracyByVersion.Point;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccuracyByVersionTest {
    private final StoryPredictions mails = new StoryPredictions(200);
    private final AccuracyByVersion accuracy = new AccuracyByVersion(mails.truth());

    @Test
    void keepsTheScoreOfEachVersion() {
        for (int index = 0; index < 10; index++) {
            see(index, 1, index >= 4, Variant.CHAMPION);
            see(index, 2, index >= 1, Variant.SHADOW);
        }
        see(10, 2, true, Variant.CANARY);

        assertThat(accuracy.scores()).hasSize(2);
        AccuracyByVersion.Score first = accuracy.scores().get(0);
        AccuracyByVersion.Score second = accuracy.scores().get(1);
        assertThat(first.answered()).isEqualTo(10);
        assertThat(first.accuracy()).hasValue(0.6);
        assertThat(first.shadowAccuracy()).isEmpty();
        assertThat(second.answered()).isEqualTo(1);
        assertThat(second.accuracy()).hasValue(1);
        assertThat(second.shadowAccuracy()).hasValue(0.9);
        assertThat(accuracy.table().toString().lines().toList().get(1)).matches("spam +1 +10 +0\\.600 +-");
    }

    @Test
    void countsAnAnswerThatIsSeenTwiceOnce() {
        Prediction prediction = mails.right(0, 1);

        accuracy.predicted(prediction, NOON);
        accuracy.predicted(prediction, NOON.plusSeconds(1));

        assertThat(accuracy.scores().get(0).answered()).isEqualTo(1);
    }

    @Test
    void saysWhichShareOfTheTrafficAVersionTouched() {
        for (int index = 0; index < 99; index++) {
            see(index, 1, true, Variant.CHAMPION);
        }
        see(99, 2, false, Variant.CANARY);
        see(98, 2, false, Variant.SHADOW);

        assertThat(accuracy.shareOf("spam", 2, NOON)).isEqualTo(0.01);
        assertThat(accuracy.shareOf("spam", 2, time(99))).isEqualTo(1);
        assertThat(accuracy.shareOf("spam", 3, NOON)).isZero();
    }

    @Test
    void averagesEachVersionOverItsOwnDecisions() {
        for (int index = 0; index < 25; index++) {
            see(index, 1, index < 10 || index >= 20, Variant.CHAMPION);
        }
        see(25, 2, true, Variant.CANARY);

        assertThat(accuracy.overTime("spam", 10))
                .containsOnlyKeys(1)
                .containsEntry(1, List.of(new Point(time(9), 1), new Point(time(19), 0), new Point(time(24), 1)));
    }

    @Test
    void drawsWhatWasServedWithCharacters() {
        assertThat(accuracy.chart("spam", 10)).isEmpty();
        for (int index = 0; index < 200; index++) {
            see(index, index < 100 ? 1 : 2, index >= 100 || index % 2 == 0, Variant.CHAMPION);
        }

        assertThat(accuracy.chart("spam", 10)).hasValueSatisfying(chart -> {
            assertThat(chart).startsWith("spam: accuracy of what was served, 199 s");
            assertThat(chart.lines().skip(1))
                    .allSatisfy(line -> assertThat(line).hasSizeLessThan(80));
            assertThat(chart).contains("1.00").contains("0.50");
        });
    }

    @Test
    void writesAPageWithAPictureOfEachModel(@TempDir Path directory) throws IOException {
        for (int index = 0; index < 200; index++) {
            see(index, index < 100 ? 1 : 2, index >= 100 || index % 3 > 0, Variant.CHAMPION);
        }

        Path page = new StoryReport(NOON, accuracy, 20)
                .write(
                        directory.resolve("report"),
                        List.of(new StoryReport.Act("A better version", "0.667 became 1.000 & more < all")));

        assertThat(Files.readString(page))
                .contains("<b>A better version.</b> 0.667 became 1.000 &amp; more &lt; all")
                .contains("<tr><td>spam<td>1<td>100<td>0.660")
                .contains("data:image/png;base64,");
        BufferedImage picture =
                ImageIO.read(page.resolveSibling("accuracy-spam.png").toFile());
        assertThat(picture.getWidth()).isEqualTo(900);
        // A picture of something: a blank one has one colour.
        assertThat(picture.getRGB(0, 0, 900, 420, null, 0, 900))
                .satisfies(pixels ->
                        assertThat(Arrays.stream(pixels).distinct().count()).isGreaterThan(20));
    }

    private void see(int index, int version, boolean right, Variant variant) {
        String label = right ? mails.label(index) : mails.wrong(index);
        accuracy.predicted(mails.decided(index, version, label, variant), time(index));
    }

    private static Instant time(int index) {
        return NOON.plusSeconds(index);
    }
}
