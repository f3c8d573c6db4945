package dev.penstock.models.preprocessing;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.Limits;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.image.ImageFile;
import dev.penstock.models.preprocessing.image.ImageScaler;
import dev.penstock.models.preprocessing.image.Pixels;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images for inputs of pixels, and as they are for models that decode them in the graph. */
final class ImagePayloads implements PayloadReader {
    private interface Input {
        /** @param pixels null if no input of the model needs them */
        Value value(byte[] content, @Nullable Pixels pixels);
    }

    private final List<Input> inputs = new ArrayList<>();
    private final Limits limits;
    private final long largestImage;
    private final boolean decoding;

    ImagePayloads(List<InputSpec> specs, Limits limits) {
        for (InputSpec spec : specs) {
            inputs.add(input(spec));
        }
        this.limits = limits;
        this.decoding = specs.stream().anyMatch(InputSpec.Image.class::isInstance);
        // Decoding takes up to four bytes a pixel: a card may not ask for more than a quarter of the heap.
        this.largestImage =
                Math.min(limits.pixels(), Math.min(Runtime.getRuntime().maxMemory() / 16, Integer.MAX_VALUE / 4));
    }

    private static Input input(InputSpec spec) {
        if (spec instanceof InputSpec.Image image) {
            ImageScaler scaler = new ImageScaler(image);
            return (content, pixels) -> {
                if (pixels == null) {
                    throw new IllegalStateException(
                            "Cannot fill input '%s': nothing was decoded".formatted(image.name()));
                }
                return new Value.Floats(scaler.row(pixels));
            };
        }
        if (spec instanceof InputSpec.Constant constant) {
            Value value = new Value.Floats(new float[] {(float) constant.value()});
            return (content, pixels) -> value;
        }
        return (content, pixels) -> new Value.Bytes(content);
    }

    @Override
    public List<Value> read(Object payload) throws UnusablePayloadException {
        ImagePayload image = PayloadReader.expect(ImagePayload.class, payload);
        byte[] content = PayloadReader.bytes(image.getContent(), limits.bytes());
        ImageFile file = ImageFile.open(content, image.getContentType(), largestImage);
        Pixels pixels = decoding ? file.decode() : null;
        List<Value> values = new ArrayList<>(inputs.size());
        for (Input input : inputs) {
            values.add(input.value(content, pixels));
        }
        return values;
    }

    @Override
    public DeadLetterCode invalid() {
        return DeadLetterCode.INVALID_IMAGE;
    }
}
