package dev.penstock.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * 4,000 mails of the SpamAssassin public corpus, from the year 2002 for the most part, wanted ({@code ham}) or not
 * ({@code spam}).
 *
 * <p>Each call reads the class path anew, about 4 MB of text for both splits, and holds on to nothing.
 */
public final class Mails {
    /** Every label. */
    public static final List<String> LABELS = List.of("ham", "spam");

    private Mails() {}

    /** 900 earlier mails for a first model, 152 of them spam. */
    public static List<Mail> bootstrap() {
        return read("bootstrap");
    }

    /**
     * The other 3,100 mails: first 1,000 earlier ones (169 spam), then 2,100 later ones (806 spam), shuffled once and
     * for all within each period.
     */
    public static List<Mail> stream() {
        return read("stream");
    }

    private static List<Mail> read(String split) {
        List<Mail> mails = new ArrayList<>();
        for (String line : Resources.lines("mails-%s.tsv.gz".formatted(split))) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 4) {
                throw new IllegalStateException("Cannot read mail %d of %s: expected 4 fields, got %d"
                        .formatted(mails.size() + 1, split, fields.length));
            }
            String id = "mail-%s-%04d".formatted(split, mails.size() + 1);
            Mail.Period period = Mail.Period.valueOf(fields[0].toUpperCase(Locale.ROOT));
            mails.add(new Mail(id, fields[1], period, fields[2], fields[3]));
        }
        return List.copyOf(mails);
    }
}
