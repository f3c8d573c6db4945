package dev.penstock.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * One second of a telephone prompt, spoken by a person.
 *
 * @param id unique among the prompts; it does not tell the label
 * @param label the language, one of {@link Prompts#LABELS}
 * @param source language and name of the prompt in the packages it comes from
 * @param wav a RIFF file with 8,000 samples of 8-bit mu-law (ITU-T G.711, format tag 7), 8 kHz, mono
 */
public record Prompt(String id, String label, String source, Bytes wav) {
    private static final Bytes SIGNATURE = Bytes.copyOf("RIFF".getBytes(US_ASCII));

    public Prompt {
        if (!Prompts.LABELS.contains(label)) {
            throw new IllegalArgumentException(
                    "Cannot label prompt '%s' with '%s': labels are %s".formatted(id, label, Prompts.LABELS));
        }
        if (!wav.startsWith(SIGNATURE)) {
            throw new IllegalArgumentException("Cannot use prompt '%s': its %s are not a WAV file".formatted(id, wav));
        }
    }
}
