package dev.penstock.models.tensorflow;

import dev.penstock.models.Model;
import dev.penstock.models.ModelContractTest;
import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.TextPayload;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** A model of each modality passes the contract. */
class TensorFlowModelContractIT {
    private abstract static class TensorFlowContract extends ModelContractTest {
        @TempDir
        Path directory;

        @Override
        protected Model open() throws IOException {
            return TensorFlowModel.load(bundle(directory.resolve("bundle")), TensorFlowRuntime.inCallingThread());
        }

        abstract Bundle bundle(Path directory);
    }

    @Nested
    class Texts extends TensorFlowContract {
        @Override
        Bundle bundle(Path directory) {
            return TinyModels.text(directory, 1);
        }

        @Override
        protected Object payload() {
            return new TextPayload("half price spam");
        }

        @Override
        protected Object differentPayload() {
            return new TextPayload("lunch");
        }
    }

    /** Rows of one batch are asked for in several calls. */
    @Nested
    class TextsInSmallCalls extends Texts {
        @Override
        protected Model open() throws IOException {
            TensorFlowModel model = (TensorFlowModel) super.open();
            model.cutInto(3);
            return model;
        }
    }

    @Nested
    class Records extends TensorFlowContract {
        @Override
        Bundle bundle(Path directory) {
            return TinyModels.record(directory, 1);
        }

        @Override
        protected Object payload() {
            return new FeaturesPayload(Map.of("amount", 12.5), Map.of());
        }

        @Override
        protected Object differentPayload() {
            return new FeaturesPayload(Map.of("amount", 700.0, "night", 1.0), Map.of());
        }
    }

    @Nested
    class Images extends TensorFlowContract {
        @Override
        Bundle bundle(Path directory) {
            return TinyModels.image(directory, 2);
        }

        @Override
        protected Object payload() {
            return png(Color.LIGHT_GRAY);
        }

        @Override
        protected Object differentPayload() {
            return png(Color.DARK_GRAY);
        }

        private static ImagePayload png(Color color) {
            BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
            for (int x = 0; x < image.getWidth(); x++) {
                for (int y = 0; y < image.getHeight(); y++) {
                    image.setRGB(x, y, color.getRGB());
                }
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                ImageIO.write(image, "png", out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new ImagePayload(ByteBuffer.wrap(out.toByteArray()), "image/png");
        }
    }

    @Nested
    class Clips extends TensorFlowContract {
        @Override
        Bundle bundle(Path directory) {
            return TinyModels.audio(directory, 1);
        }

        @Override
        protected Object payload() {
            return wave(40);
        }

        @Override
        protected Object differentPayload() {
            return wave(100);
        }

        /** Always the same value: as loud as a clip can be for its amplitude. */
        private static AudioPayload wave(int amplitude) {
            byte[] samples = new byte[4000 * 2];
            Arrays.fill(samples, (byte) amplitude);
            AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (AudioInputStream in = new AudioInputStream(new ByteArrayInputStream(samples), format, 4000)) {
                AudioSystem.write(in, AudioFileFormat.Type.WAVE, out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new AudioPayload(ByteBuffer.wrap(out.toByteArray()), "audio/wav");
        }
    }
}
