package dev.penstock.models.card;

/**
 * The largest payload that a model takes; checked before work is done on it.
 *
 * @param bytes of an encoded file or of UTF-8 text
 * @param pixels width times height, from the image's header
 * @param seconds of audio, from its header
 * @param characters of text, in code points
 */
public record Limits(long bytes, long pixels, double seconds, int characters) {
    /** 8 MiB, 25 megapixels, 10 minutes, 100,000 characters. */
    public static Limits usual() {
        return new Limits(8L * 1024 * 1024, 25_000_000, 600, 100_000);
    }
}
