package dev.penstock.models.tensorflow;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Category;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Encoded;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.schemas.Modality;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A row that every model with a certain card must be able to take. */
final class SyntheticExample {
    private static final int SAMPLE_RATE = 16_000;
    private static final int WAVE_HEADER_BYTES = 44;

    /** A grey PNG of 32 × 32 pixels. */
    private static final String PNG = "89504e470d0a1a0a0000000d4948445200000020000000200802000000fc18eda3"
            + "000000264944415478daedcd310d00000c03a04aaff4aad8b1040c901e8b4020"
            + "10080402814020f8120c2dde005b050f37af0000000049454e44ae426082";

    private SyntheticExample() {}

    static Example of(ModelCard card) {
        return ofText(card, Integer.MAX_VALUE);
    }

    /** One for each length that the card pads rows to. */
    static List<Example> ofEveryLength(ModelCard card) {
        return card.inputs().stream()
                .filter(Tokens.class::isInstance)
                .flatMap(input -> ((Tokens) input).rowLengths().stream())
                .distinct()
                .map(tokens -> ofText(card, tokens))
                .toList();
    }

    private static Example ofText(ModelCard card, int tokens) {
        return new Example(card.inputs().stream()
                .map(input -> value(input, card.modality(), tokens))
                .toList());
    }

    private static Value value(InputSpec input, Modality modality, int textTokens) {
        if (input instanceof Image image) {
            float[] pixels = new float[image.height() * image.width() * image.channels()];
            Arrays.fill(pixels, (float) ((image.scale().low() + image.scale().high()) / 2));
            return new Value.Floats(pixels);
        } else if (input instanceof Waveform waveform) {
            return new Value.Floats(new float[waveform.samples() == 0 ? waveform.sampleRate() : waveform.samples()]);
        } else if (input instanceof Tokens tokens) {
            int[] values = new int[tokens.rowLength(textTokens)];
            Arrays.fill(values, tokens.part() == Tokens.Part.MASK ? 1 : 0);
            return new Value.Integers(values);
        } else if (input instanceof Features features) {
            return new Value.Floats(new float[features.features().size()]);
        } else if (input instanceof Text) {
            return new Value.Bytes("a text".getBytes(StandardCharsets.UTF_8));
        } else if (input instanceof Category category) {
            return new Value.Bytes(category.missing().getBytes(StandardCharsets.UTF_8));
        } else if (input instanceof Encoded) {
            return new Value.Bytes(
                    modality == Modality.AUDIO ? silence() : HexFormat.of().parseHex(PNG));
        } else if (input instanceof Constant constant) {
            return new Value.Floats(new float[] {(float) constant.value()});
        }
        throw new IllegalStateException("Cannot make a row of unknown input: " + input);
    }

    /** One second as a WAVE file: 16-bit, mono. */
    private static byte[] silence() {
        int dataBytes = SAMPLE_RATE * Short.BYTES;
        return ByteBuffer.allocate(WAVE_HEADER_BYTES + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(WAVE_HEADER_BYTES - 8 + dataBytes)
                .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
                .putInt(16) // bytes of the format
                .putShort((short) 1) // PCM
                .putShort((short) 1) // channels
                .putInt(SAMPLE_RATE)
                .putInt(SAMPLE_RATE * Short.BYTES)
                .putShort((short) Short.BYTES)
                .putShort((short) Short.SIZE)
                .put("data".getBytes(StandardCharsets.US_ASCII))
                .putInt(dataBytes)
                .array();
    }
}
