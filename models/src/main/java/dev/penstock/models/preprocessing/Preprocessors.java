package dev.penstock.models.preprocessing;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.ModelCard;
import java.nio.file.Path;
import java.util.Locale;

/** Makes the preprocessor that a model card asks for. */
public final class Preprocessors {
    private Preprocessors() {}

    /**
     * @param bundleDirectory where the card's vocabularies are
     * @throws IllegalArgumentException if the card's inputs do not fit its modality, or a vocabulary is missing or lacks
     *     a token that the card names
     */
    public static Preprocessor of(ModelCard card, Path bundleDirectory) {
        for (InputSpec input : card.inputs()) {
            checkModality(input, card);
        }
        PayloadReader reader =
                switch (card.modality()) {
                    case IMAGE -> new ImagePayloads(card.inputs(), card.limits());
                    case AUDIO -> new AudioPayloads(card.inputs(), card.limits());
                    case TEXT -> new TextPayloads(card.inputs(), card.limits(), bundleDirectory);
                    case RECORD -> new RecordPayloads(card.inputs());
                    case UNKNOWN ->
                        throw new IllegalArgumentException(
                                "Cannot read inputs of model '%s': its modality is not known to this version of Penstock"
                                        .formatted(card.name()));
                };
        return new GuardedPreprocessor(reader);
    }

    private static void checkModality(InputSpec input, ModelCard card) {
        boolean fits =
                switch (card.modality()) {
                    case IMAGE -> input instanceof InputSpec.Image || input instanceof InputSpec.Encoded;
                    case AUDIO -> input instanceof InputSpec.Waveform || input instanceof InputSpec.Encoded;
                    case TEXT -> input instanceof InputSpec.Text || input instanceof InputSpec.Tokens;
                    case RECORD -> input instanceof InputSpec.Features || input instanceof InputSpec.Category;
                    case UNKNOWN -> false;
                };
        if (!fits && !(input instanceof InputSpec.Constant)) {
            throw new IllegalArgumentException("Cannot fill input '%s' of model '%s': %s inputs have no %s"
                    .formatted(
                            input.name(),
                            card.name(),
                            card.modality().name().toLowerCase(Locale.ROOT),
                            input.getClass().getSimpleName().toLowerCase(Locale.ROOT)));
        }
    }
}
