package dev.penstock.models.preprocessing;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.Limits;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.audio.WaveFile;
import dev.penstock.models.preprocessing.audio.WaveformReader;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.ArrayList;
import java.util.List;

/** Clips for inputs of waveforms, and as they are for models that decode them in the graph. */
final class AudioPayloads implements PayloadReader {
    private interface Input {
        Value value(byte[] content, WaveFile file) throws UnusablePayloadException;
    }

    private final List<Input> inputs = new ArrayList<>();
    private final Limits limits;

    AudioPayloads(List<InputSpec> specs, Limits limits) {
        for (InputSpec spec : specs) {
            inputs.add(input(spec));
        }
        this.limits = limits;
    }

    private static Input input(InputSpec spec) {
        if (spec instanceof InputSpec.Waveform waveform) {
            WaveformReader reader = new WaveformReader(waveform);
            return (content, file) -> new Value.Floats(reader.row(file));
        }
        if (spec instanceof InputSpec.Constant constant) {
            Value value = new Value.Floats(new float[] {(float) constant.value()});
            return (content, file) -> value;
        }
        return (content, file) -> new Value.Bytes(content);
    }

    @Override
    public List<Value> read(Object payload) throws UnusablePayloadException {
        AudioPayload audio = PayloadReader.expect(AudioPayload.class, payload);
        byte[] content = PayloadReader.bytes(audio.getContent(), limits.bytes());
        WaveFile file = WaveFile.open(content, audio.getContentType(), limits.seconds());
        List<Value> values = new ArrayList<>(inputs.size());
        for (Input input : inputs) {
            values.add(input.value(content, file));
        }
        return values;
    }

    @Override
    public DeadLetterCode invalid() {
        return DeadLetterCode.INVALID_AUDIO;
    }
}
