package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.models.card.NumberType;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.TensorShapeProto;

class InputLayoutTest {
    private static TensorShapeProto shape(long... sizes) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : sizes) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return shape.build();
    }

    private static InputSpec image(int height, int width, int channels, Image.Layout layout) {
        return new Image(
                "x",
                width,
                height,
                channels,
                NumberType.FLOAT32,
                new PixelScale(0, 1, List.of(), List.of()),
                Image.Resize.AREA,
                Image.Fit.CROP,
                Image.ChannelOrder.RGB,
                layout);
    }

    private static InputSpec image(int height, int width, int channels) {
        return image(height, width, channels, Image.Layout.CHANNELS_LAST);
    }

    private static InputSpec features(int count) {
        return new Features(
                "x",
                IntStream.range(0, count)
                        .mapToObj(number -> new Feature("f" + number, OptionalDouble.empty(), List.of()))
                        .toList(),
                NumberType.FLOAT32);
    }

    private static InputSpec waveform(int samples) {
        return new Waveform("x", 8000, samples, NumberType.FLOAT32);
    }

    private static void assertBatches(InputSpec input, TensorShapeProto shape, Long... row) {
        assertThat(InputLayout.of(input, shape)).isEqualTo(new InputLayout(true, OptionalLong.empty(), List.of(row)));
    }

    private static void assertTakesOneRow(InputSpec input, TensorShapeProto shape, Long... row) {
        assertThat(InputLayout.of(input, shape)).isEqualTo(new InputLayout(false, OptionalLong.empty(), List.of(row)));
    }

    private static void assertDoesNotFit(InputSpec input, TensorShapeProto shape) {
        assertThatThrownBy(() -> InputLayout.of(input, shape))
                .isInstanceOf(UnservableException.class)
                .hasMessageContaining("input 'x' has the shape");
    }

    @Test
    void takesTheCardsWordWhereTheSignatureSaysNothing() {
        TensorShapeProto unknown =
                TensorShapeProto.newBuilder().setUnknownRank(true).build();

        assertBatches(image(2, 3, 3), unknown, 2L, 3L, 3L);
        assertBatches(new Text("x", false), unknown);
    }

    @Test
    void fillsBatches() {
        assertBatches(image(2, 3, 3), shape(-1, 2, 3, 3), 2L, 3L, 3L);
        assertBatches(image(2, 3, 3), shape(-1, -1, -1, 3), 2L, 3L, 3L);
        assertBatches(image(2, 3, 3, Image.Layout.CHANNELS_FIRST), shape(-1, 3, 2, 3), 3L, 2L, 3L);
        assertBatches(features(4), shape(-1, 4), 4L);
        assertBatches(features(1), shape(-1, 1), 1L);
        assertBatches(features(1), shape(-1));
        assertBatches(new Text("x", false), shape(-1));
        assertBatches(new Text("x", false), shape(-1, 1), 1L);
        assertBatches(waveform(100), shape(-1, 100), 100L);
        assertBatches(waveform(100), shape(-1, -1, 1), 100L, 1L);
    }

    @Test
    void leavesOutOrFlattensWhatIsTheSameInMemory() {
        assertBatches(image(4, 4, 1), shape(-1, 4, 4), 4L, 4L);
        assertBatches(image(4, 4, 1), shape(-1, 16), 16L);
        assertBatches(features(16), shape(-1, 4, 4), 4L, 4L);
        assertBatches(features(16), shape(-1, 4, 4, 1), 4L, 4L, 1L);
    }

    @Test
    void seesBatchesOfABuiltInSize() {
        InputLayout layout = InputLayout.of(features(4), shape(8, 4));

        assertThat(layout.rows()).hasValue(8);
        assertThat(layout.tensor(8, 4)).containsExactly(8, 4);
    }

    @Test
    void takesOneRowWhereThereIsNoBatch() {
        assertTakesOneRow(image(2, 3, 3), shape(2, 3, 3), 2L, 3L, 3L);
        assertTakesOneRow(image(2, 3, 3), shape(-1, -1, 3), 2L, 3L, 3L);
        assertTakesOneRow(features(4), shape(4), 4L);
        assertTakesOneRow(new Text("x", false), shape());
    }

    @Test
    void keepsLengthsOpenThatTheCardLeavesOpen() {
        InputLayout layout = InputLayout.of(waveform(0), shape(-1, -1));

        assertThat(layout.varies()).isTrue();
        assertThat(layout.tensor(3, 70)).containsExactly(3, 70);
        assertThat(InputLayout.of(waveform(0), shape(-1)).tensor(1, 70)).containsExactly(70);
        assertDoesNotFit(waveform(0), shape(-1, 16000));
    }

    @Test
    void refusesRowsThatDoNotFit() {
        assertDoesNotFit(image(2, 3, 3), shape(-1, 3, 2, 3));
        assertDoesNotFit(image(2, 3, 3), shape(-1, 2, 3, 1));
        assertDoesNotFit(image(2, 3, 3, Image.Layout.CHANNELS_FIRST), shape(-1, 2, 3, 3));
        assertDoesNotFit(features(4), shape(-1, 5));
        assertDoesNotFit(features(4), shape(-1, -1, -1));
        assertDoesNotFit(new Text("x", false), shape(-1, 4));
        assertDoesNotFit(waveform(100), shape(-1, 101));
    }
}
