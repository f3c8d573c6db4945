package dev.penstock.models.preprocessing;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;

/** Whatever a payload does to its decoder stays with that payload. */
final class GuardedPreprocessor implements Preprocessor {
    private final PayloadReader reader;

    GuardedPreprocessor(PayloadReader reader) {
        this.reader = reader;
    }

    @Override
    public Prepared prepare(Object payload) {
        try {
            return new Prepared.Ready(new Example(reader.read(payload)));
        } catch (UnusablePayloadException e) {
            return new Prepared.Rejected(e.code(), e.reason());
        } catch (RuntimeException e) {
            // A fault of ours, but one record must not stop the stream that it is in.
            return new Prepared.Rejected(
                    reader.invalid(), "Cannot read payload: its decoder failed with %s".formatted(e));
        }
    }
}
