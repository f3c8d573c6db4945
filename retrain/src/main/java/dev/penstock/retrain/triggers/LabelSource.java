package dev.penstock.retrain.triggers;

import dev.penstock.schemas.FeedbackSource;

/** Who said a label, as one text that state is kept by: the kind of source and its name. */
final class LabelSource {
    private static final char SEPARATOR = '\u001f';
    private static final String SILENCE = FeedbackSource.SILENCE.name() + SEPARATOR;

    private LabelSource() {}

    static String of(FeedbackSource kind, String saidBy) {
        return kind.name() + SEPARATOR + saidBy;
    }

    /** Whether nobody said it. */
    static boolean isSilence(String source) {
        return source.startsWith(SILENCE);
    }

    /** For people. */
    static String described(String source) {
        return source.replace(SEPARATOR, ' ').strip();
    }
}
