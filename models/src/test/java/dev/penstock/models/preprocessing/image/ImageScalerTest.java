package dev.penstock.models.preprocessing.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Image.ChannelOrder;
import dev.penstock.models.card.InputSpec.Image.Fit;
import dev.penstock.models.card.InputSpec.Image.Layout;
import dev.penstock.models.card.InputSpec.Image.Resize;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.NumberType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageScalerTest {
    private static final PixelScale RAW = new PixelScale(0, 255, List.of(), List.of());

    @Test
    void leavesPixelsOfTheRightSizeAsTheyAre() {
        Pixels pixels = Pixels.of(new byte[] {0, 10, 100, (byte) 200}, 2, 2, 1);

        for (Resize resize : Resize.values()) {
            assertThat(new ImageScaler(spec(2, 2, 1, resize, Fit.STRETCH)).row(pixels))
                    .as("%s", resize)
                    .containsExactly(0, 10, 100, 200);
        }
    }

    /** Opacity goes the long way through resampling, and at its highest changes nothing. */
    @Test
    void pixelsOfTheRightSizeComeOutAsThroughResampling() {
        Random random = new Random(17);
        byte[] plain = new byte[7 * 5 * 3];
        random.nextBytes(plain);
        byte[] opaque = new byte[7 * 5 * 4];
        for (int pixel = 0; pixel < 7 * 5; pixel++) {
            System.arraycopy(plain, 3 * pixel, opaque, 4 * pixel, 3);
            opaque[4 * pixel + 3] = (byte) 255;
        }
        PixelScale scale = new PixelScale(-1, 1, List.of(0.1, 0.2, 0.3), List.of(0.5, 0.25, 2.0));
        for (Layout layout : Layout.values()) {
            for (ChannelOrder order : ChannelOrder.values()) {
                for (NumberType type : List.of(NumberType.FLOAT32, NumberType.INT32)) {
                    for (int orientation = 1; orientation <= 4; orientation++) {
                        ImageScaler scaler = new ImageScaler(new InputSpec.Image(
                                "pixels", 7, 5, 3, type, scale, Resize.BILINEAR, Fit.STRETCH, order, layout));

                        float[] row = scaler.row(Pixels.of(plain, 7, 5, 3).oriented(orientation));

                        assertThat(row)
                                .as("%s %s %s %d", layout, order, type, orientation)
                                .isEqualTo(scaler.row(Pixels.of(opaque, 7, 5, 4).oriented(orientation)));
                    }
                }
            }
        }
    }

    @Test
    void interpolatesBetweenPixelCentres() {
        Pixels pixels = Pixels.of(new byte[] {0, 100}, 2, 1, 1);

        float[] row = new ImageScaler(spec(4, 1, 1, Resize.BILINEAR, Fit.STRETCH)).row(pixels);

        assertThat(row).containsExactly(0, 25, 75, 100);
    }

    @Test
    void averagesWhatATargetPixelCoversByArea() {
        Pixels pixels = Pixels.of(new byte[] {0, 30, 60}, 3, 1, 1);

        float[] row = new ImageScaler(spec(2, 1, 1, Resize.AREA, Fit.STRETCH)).row(pixels);

        assertThat(row).containsExactly(new float[] {10, 50}, within(1e-4f));
    }

    @Test
    void cropsTheMiddle() {
        Pixels pixels = Pixels.of(new byte[] {1, 2, 3, 4, 5, 6}, 6, 1, 1);

        float[] row = new ImageScaler(spec(2, 1, 1, Resize.NEAREST, Fit.CROP)).row(pixels);

        assertThat(row).containsExactly(3, 4);
    }

    @Test
    void padsWithBlackAroundTheMiddle() {
        Pixels pixels = Pixels.of(new byte[] {1, 2, 3, 4}, 4, 1, 1);

        float[] row = new ImageScaler(spec(4, 3, 1, Resize.NEAREST, Fit.PAD)).row(pixels);

        assertThat(row).containsExactly(0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0);
    }

    @Test
    void scalesPaddingAsBlackPixels() {
        InputSpec.Image spec = spec(
                1,
                3,
                1,
                NumberType.FLOAT32,
                new PixelScale(-1, 1, List.of(), List.of()),
                Fit.PAD,
                ChannelOrder.RGB,
                Layout.CHANNELS_LAST);

        float[] row = new ImageScaler(spec).row(Pixels.of(new byte[] {(byte) 255}, 1, 1, 1));

        assertThat(row).containsExactly(-1, 1, -1);
    }

    @Test
    void scalesWithMeanAndDeviationOfTheInputsChannels() {
        PixelScale scale = new PixelScale(0, 1, List.of(0.1, 0.2, 0.3), List.of(1.0, 2.0, 4.0));
        InputSpec.Image spec =
                spec(1, 1, 3, NumberType.FLOAT32, scale, Fit.STRETCH, ChannelOrder.BGR, Layout.CHANNELS_LAST);

        float[] row = new ImageScaler(spec).row(Pixels.of(new byte[] {(byte) 255, 51, 0}, 1, 1, 3));

        assertThat(row).containsExactly(new float[] {-0.1f, 0, 0.7f / 4}, within(1e-6f));
    }

    @Test
    void writesChannelsFirstWhereAsked() {
        InputSpec.Image spec =
                spec(2, 1, 3, NumberType.FLOAT32, RAW, Fit.STRETCH, ChannelOrder.RGB, Layout.CHANNELS_FIRST);

        float[] row = new ImageScaler(spec).row(Pixels.of(new byte[] {1, 2, 3, 4, 5, 6}, 2, 1, 3));

        assertThat(row).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void makesGreyOfColoursByLumaAndColoursOfGrey() {
        Pixels red = Pixels.of(new byte[] {(byte) 255, 0, 0}, 1, 1, 3);
        Pixels grey = Pixels.of(new byte[] {77}, 1, 1, 1);

        assertThat(new ImageScaler(spec(1, 1, 1, Resize.NEAREST, Fit.STRETCH)).row(red))
                .containsExactly(new float[] {76.245f}, within(1e-3f));
        assertThat(new ImageScaler(spec(1, 1, 3, Resize.NEAREST, Fit.STRETCH)).row(grey))
                .containsExactly(77, 77, 77);
        assertThat(new ImageScaler(spec(1, 1, 4, Resize.NEAREST, Fit.STRETCH)).row(grey))
                .containsExactly(77, 77, 77, 255);
    }

    @Test
    void laysTransparentPixelsOnWhiteUnlessTheModelTakesOpacity() {
        Pixels halfRed = Pixels.of(new byte[] {(byte) 255, 0, 0, 51}, 1, 1, 4);

        assertThat(new ImageScaler(spec(1, 1, 3, Resize.NEAREST, Fit.STRETCH)).row(halfRed))
                .containsExactly(new float[] {255, 204, 204}, within(1e-3f));
        assertThat(new ImageScaler(spec(1, 1, 4, Resize.NEAREST, Fit.STRETCH)).row(halfRed))
                .containsExactly(255, 0, 0, 51);
    }

    @Test
    void roundsForInputsOfWholeNumbers() {
        InputSpec.Image spec =
                spec(4, 1, 1, NumberType.UINT8, RAW, Fit.STRETCH, ChannelOrder.RGB, Layout.CHANNELS_LAST);

        float[] row = new ImageScaler(spec).row(Pixels.of(new byte[] {0, 99}, 2, 1, 1));

        assertThat(row).containsExactly(0, 25, 74, 99);
    }

    private static InputSpec.Image spec(int width, int height, int channels, Resize resize, Fit fit) {
        return new InputSpec.Image(
                "image",
                width,
                height,
                channels,
                NumberType.FLOAT32,
                RAW,
                resize,
                fit,
                ChannelOrder.RGB,
                Layout.CHANNELS_LAST);
    }

    private static InputSpec.Image spec(
            int width,
            int height,
            int channels,
            NumberType type,
            PixelScale scale,
            Fit fit,
            ChannelOrder order,
            Layout layout) {
        return new InputSpec.Image("image", width, height, channels, type, scale, Resize.BILINEAR, fit, order, layout);
    }
}
