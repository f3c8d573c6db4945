package dev.penstock.data;

/**
 * What the writer of one mail said.
 *
 * @param id unique among the mails; it does not tell the label
 * @param label one of {@link Mails#LABELS}
 * @param period whether it was collected before or after the corpus was first published
 * @param source folder and number in the corpus; the folder tells the label
 * @param text one line of 20 to 1,200 characters: the body without headers, tags, feed and mailing-list footers, its
 *     addresses replaced by {@code name@example.org}, long ones cut at a space
 */
public record Mail(String id, String label, Period period, String source, String text) {
    /** When a mail was collected: the later folders differ from the earlier ones as mail differs with time. */
    public enum Period {
        EARLIER,
        LATER
    }

    public Mail {
        if (!Mails.LABELS.contains(label)) {
            throw new IllegalArgumentException(
                    "Cannot label mail '%s' with '%s': labels are %s".formatted(id, label, Mails.LABELS));
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException("Cannot use mail '%s': it has no text".formatted(id));
        }
    }
}
