package dev.penstock.models.preprocessing.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Image.ChannelOrder;
import dev.penstock.models.card.InputSpec.Image.Fit;
import dev.penstock.models.card.InputSpec.Image.Layout;
import dev.penstock.models.card.InputSpec.Image.Resize;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.image.ResizeBilinear;
import org.tensorflow.op.image.ResizeNearestNeighbor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What a model was trained with in TensorFlow is what it is served with here. */
class ImageScalerIT {
    @ParameterizedTest
    @CsvSource({
        "28, 28, 224, 224",
        "224, 224, 28, 28",
        "97, 31, 40, 57",
        "1, 1, 5, 5",
        "640, 480, 99, 33",
        "3, 500, 7, 7",
        "50, 50, 49, 51"
    })
    void resizesAsTensorFlowDoes(int width, int height, int toWidth, int toHeight) throws Exception {
        byte[] data = new byte[width * height * 3];
        new SplittableRandom(width * 1_000L + height).nextBytes(data);
        Pixels pixels = Pixels.of(data, width, height, 3);

        for (Resize resize : Resize.values()) {
            float[] row = new ImageScaler(spec(toWidth, toHeight, resize)).row(pixels);

            float[] expected = byTensorFlow(data, width, height, toWidth, toHeight, resize);
            assertThat(row).as("%s", resize).containsExactly(expected, within(0.02f));
        }
    }

    private static float[] byTensorFlow(byte[] data, int width, int height, int toWidth, int toHeight, Resize resize)
            throws InvalidProtocolBufferException {
        float[] floats = new float[data.length];
        for (int index = 0; index < data.length; index++) {
            floats[index] = data[index] & 0xFF;
        }
        try (Graph graph = new Graph();
                Session session = new Session(
                        graph,
                        ConfigProto.parseFrom(
                                TensorFlowRuntime.inCallingThread().sessionConfig()))) {
            Ops tf = Ops.create(graph);
            Operand<TFloat32> image = tf.reshape(tf.constant(floats), tf.constant(new int[] {1, height, width, 3}));
            Operand<TInt32> size = tf.constant(new int[] {toHeight, toWidth});
            Operand<TFloat32> resized =
                    switch (resize) {
                        case BILINEAR -> tf.image.resizeBilinear(image, size, ResizeBilinear.halfPixelCenters(true));
                        case NEAREST ->
                            tf.image.resizeNearestNeighbor(image, size, ResizeNearestNeighbor.halfPixelCenters(true));
                        case AREA -> tf.image.resizeArea(image, size);
                    };
            try (Result result = session.runner().fetch(resized).run()) {
                float[] values = new float[toHeight * toWidth * 3];
                ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(values);
                return values;
            }
        }
    }

    private static InputSpec.Image spec(int width, int height, Resize resize) {
        return new InputSpec.Image(
                "image",
                width,
                height,
                3,
                NumberType.FLOAT32,
                new PixelScale(0, 255, List.of(), List.of()),
                resize,
                Fit.STRETCH,
                ChannelOrder.RGB,
                Layout.CHANNELS_LAST);
    }
}
