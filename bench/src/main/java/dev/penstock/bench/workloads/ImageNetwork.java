package dev.penstock.bench.workloads;

import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.ImageClassifier;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.Modality;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * A convolutional network over coloured PNGs of 32 × 32. Ten million multiplications a row: 1024 × 27 × 32 in the first
 * convolution, 256 × 288 × 120 in the second, 7680 × 64 in the layer behind them.
 */
final class ImageNetwork implements Workload {
    private static final int PIXELS = 32;
    private static final int PAYLOADS = 256;
    private static final List<String> LABELS =
            IntStream.range(0, 10).mapToObj(index -> "class-" + index).toList();

    private static final Architecture NETWORK =
            new ImageClassifier(LABELS, new ImageClassifier.Size(PIXELS, PIXELS, 3, 32, 120, 64));

    @Override
    public String name() {
        return "image";
    }

    @Override
    public String description() {
        return NETWORK.description() + "; PNG";
    }

    @Override
    public Modality modality() {
        return Modality.IMAGE;
    }

    @Override
    public Weight weight() {
        return Weight.HEAVY;
    }

    @Override
    public List<Object> payloads() {
        SplittableRandom random = new SplittableRandom(19);
        List<Object> payloads = new ArrayList<>(PAYLOADS);
        for (int number = 0; number < PAYLOADS; number++) {
            payloads.add(new ImagePayload(ByteBuffer.wrap(png(random)), "image/png"));
        }
        return payloads;
    }

    /** Coloured blocks and a little noise: neither as easy nor as hard to decode as can be. */
    private static byte[] png(SplittableRandom random) {
        BufferedImage image = new BufferedImage(PIXELS, PIXELS, BufferedImage.TYPE_INT_RGB);
        int[] colours =
                random.ints(16, 0, 0x1000000).map(colour -> colour & 0xF8F8F8).toArray();
        for (int y = 0; y < PIXELS; y++) {
            for (int x = 0; x < PIXELS; x++) {
                image.setRGB(x, y, colours[y / 8 * 4 + x / 8] | (random.nextInt(8) * 0x010101));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public Bundle build(Path directory) throws IOException {
        return TrainedNetwork.build(name(), NETWORK, payloads(), directory);
    }
}
