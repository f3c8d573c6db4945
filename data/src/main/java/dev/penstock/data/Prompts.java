package dev.penstock.data;

import java.util.ArrayList;
import java.util.List;

/**
 * 520 prompts of the Asterisk telephone exchange, 104 in each of five languages; from each recording, the second with
 * the most energy.
 *
 * <p>Each call reads the class path anew, about 4 MB for both splits, and holds on to nothing.
 */
public final class Prompts {
    /** Every label: English, Spanish, French, Italian and Russian by their ISO 639-1 codes. */
    public static final List<String> LABELS = List.of("en", "es", "fr", "it", "ru");

    private Prompts() {}

    /** 260 prompts for a first model, 52 in each language. */
    public static List<Prompt> bootstrap() {
        return read("bootstrap");
    }

    /** The other 260 prompts, 52 in each language, shuffled once and for all. */
    public static List<Prompt> stream() {
        return read("stream");
    }

    private static List<Prompt> read(String split) {
        List<Prompt> prompts = new ArrayList<>();
        for (Resources.Entry entry : Resources.entries("prompts-%s.zip".formatted(split))) {
            String id = "prompt-%s-%03d".formatted(split, prompts.size() + 1);
            String label = entry.name().substring(0, entry.name().indexOf('/'));
            prompts.add(new Prompt(id, label, entry.name(), entry.content()));
        }
        return List.copyOf(prompts);
    }
}
