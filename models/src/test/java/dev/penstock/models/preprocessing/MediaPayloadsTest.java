package dev.penstock.models.preprocessing;

import static dev.penstock.models.preprocessing.Outcomes.assertRejected;
import static dev.penstock.models.preprocessing.Outcomes.bytes;
import static dev.penstock.models.preprocessing.Outcomes.floats;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.preprocessing.audio.WaveBytes;
import dev.penstock.models.preprocessing.image.Encoded;
import dev.penstock.models.preprocessing.image.PngBytes;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MediaPayloadsTest {
    private static final byte[] PNG = PngBytes.of(2, 1, 8, 0, new byte[] {0, 10, 20});
    private static final byte[] WAVE = WaveBytes.of(8_000, (short) 16_384, (short) 0);

    @Test
    void fillsSeveralInputsFromOneImage() {
        Preprocessor preprocessor = images(
                Cards.image("small", 2, 1, 1),
                Cards.image("large", 4, 1, 3),
                new InputSpec.Encoded("file"),
                new Constant("phase", 1, NumberType.BOOL));

        Prepared prepared = preprocessor.prepare(image(PNG));

        assertThat(floats(prepared, 0)).containsExactly(10, 20);
        assertThat(floats(prepared, 1)).containsExactly(10, 10, 10, 10, 10, 10, 20, 20, 20, 20, 20, 20);
        assertThat(bytes(prepared, 2)).isEqualTo(PNG);
        assertThat(floats(prepared, 3)).containsExactly(1);
    }

    @Test
    void fillsSeveralInputsFromOneClip() {
        Preprocessor preprocessor = clips(
                new Waveform("wave", 8_000, 3, NumberType.FLOAT32),
                new InputSpec.Encoded("file"),
                new Constant("rate", 8_000, NumberType.INT32));

        Prepared prepared = preprocessor.prepare(clip(WAVE));

        assertThat(floats(prepared, 0)).containsExactly(0.5f, 0, 0);
        assertThat(bytes(prepared, 1)).isEqualTo(WAVE);
        assertThat(floats(prepared, 2)).containsExactly(8_000);
    }

    /** One bad element fails a whole call of a model that decodes in the graph. */
    @Test
    void checksFilesThatTheModelItselfDecodes() {
        Preprocessor preprocessor = images(new InputSpec.Encoded("file"));

        assertRejected(
                preprocessor.prepare(image(Arrays.copyOf(PNG, PNG.length - 12))),
                DeadLetterCode.INVALID_IMAGE,
                "Cannot decode PNG: it ends at byte %d, before its IEND chunk".formatted(PNG.length - 12));
        assertRejected(
                preprocessor.prepare(
                        image(new PngBytes().header(20_000, 20_000, 8, 0, 0).withoutEnd())),
                DeadLetterCode.IMAGE_TOO_LARGE,
                "Cannot decode PNG: its header says 20000 × 20000 = 400000000 pixels, allowed are 25000000 and 65535 a side");
        assertRejected(
                clips(new InputSpec.Encoded("file")).prepare(clip(Arrays.copyOf(WAVE, 45))),
                DeadLetterCode.INVALID_AUDIO,
                "Cannot decode WAVE: its RIFF header claims 40 bytes, 37 follow it");
    }

    @Test
    void readsPayloadsFromTheMiddleOfABuffer() {
        ByteBuffer buffer =
                ByteBuffer.allocate(PNG.length + 10).position(5).put(PNG).flip().position(5);

        assertThat(floats(images(Cards.image("image", 2, 1, 1)).prepare(new ImagePayload(buffer, "")), 0))
                .containsExactly(10, 20);
        assertThat(buffer.position()).isEqualTo(5);
    }

    @Test
    void refusesPayloadsThatAreTooLargeBeforeLookingAtThem() {
        Limits limits = new Limits(50, 1_000, 1, 1);
        Preprocessor preprocessor =
                Preprocessors.of(Cards.reading(Modality.IMAGE, limits, Cards.image("image", 2, 1, 1)), Path.of(""));

        assertRejected(
                preprocessor.prepare(image(new byte[51])),
                DeadLetterCode.PAYLOAD_TOO_LARGE,
                "Cannot read payload: it has 51 bytes, allowed are 50");
    }

    @Test
    void letsNoCardAskForMoreThanAQuarterOfTheHeap() {
        Limits limits = new Limits(1_000_000, Long.MAX_VALUE, 1, 1);
        Preprocessor preprocessor =
                Preprocessors.of(Cards.reading(Modality.IMAGE, limits, Cards.image("image", 2, 1, 1)), Path.of(""));

        Prepared prepared = preprocessor.prepare(
                image(new PngBytes().header(65_535, 65_535, 8, 6, 0).withoutEnd()));

        assertThat(((Prepared.Rejected) prepared).code()).isEqualTo(DeadLetterCode.IMAGE_TOO_LARGE);
    }

    @Test
    void readsImagesOfEveryFormat() {
        Preprocessor preprocessor = images(Cards.image("image", 3, 3, 3));

        for (String format : new String[] {"png", "jpeg", "gif", "bmp"}) {
            byte[] file = Encoded.baseline(Encoded.picture(30, 30, BufferedImage.TYPE_3BYTE_BGR), format);

            float[] row = floats(preprocessor.prepare(image(file)), 0);

            // Red grows to the right, green downwards.
            assertThat(row[6] - row[0]).as(format).isGreaterThan(120);
            assertThat(row[19] - row[1]).as(format).isGreaterThan(120);
        }
    }

    @Test
    void refusesEmptyAndOtherPayloads() {
        assertRejected(
                images(Cards.image("image", 2, 1, 1)).prepare(image(new byte[0])),
                DeadLetterCode.EMPTY_PAYLOAD,
                "Cannot read payload: it has no bytes");
        assertRejected(
                images(Cards.image("image", 2, 1, 1)).prepare(clip(WAVE)),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read AudioPayload: the model reads ImagePayload");
        assertRejected(
                clips(new Waveform("wave", 8_000, 3, NumberType.FLOAT32)).prepare(new TextPayload("RIFF")),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read TextPayload: the model reads AudioPayload");
    }

    private static ImagePayload image(byte[] content) {
        return new ImagePayload(ByteBuffer.wrap(content), "");
    }

    private static AudioPayload clip(byte[] content) {
        return new AudioPayload(ByteBuffer.wrap(content), "");
    }

    private static Preprocessor images(InputSpec... inputs) {
        return Preprocessors.of(Cards.reading(Modality.IMAGE, inputs), Path.of(""));
    }

    private static Preprocessor clips(InputSpec... inputs) {
        return Preprocessors.of(Cards.reading(Modality.AUDIO, inputs), Path.of(""));
    }
}
