package dev.penstock.schemas.configuration;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written {@code 512KiB}, {@code 8MiB}, {@code 1GiB} or {@code 100B}.
 *
 * @param bytes 0 or more
 */
public record ByteSize(long bytes) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})\\s?(B|KiB|MiB|GiB)");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("Cannot use a size of %d bytes: sizes start at 0".formatted(bytes));
        }
    }

    /** @throws IllegalArgumentException if it is not a size */
    public static ByteSize parse(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'%s' is not a size; write it like 512KiB or 8MiB".formatted(text));
        }
        long number = Long.parseLong(matcher.group(1));
        return new ByteSize(number
                * switch (matcher.group(2)) {
                    case "B" -> 1L;
                    case "KiB" -> 1L << 10;
                    case "MiB" -> 1L << 20;
                    default -> 1L << 30;
                });
    }

    public static ByteSize ofMebibytes(long number) {
        return new ByteSize(number << 20);
    }

    @Override
    public String toString() {
        if (bytes > 0 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        if (bytes > 0 && bytes % (1L << 20) == 0) {
            return (bytes >> 20) + "MiB";
        }
        if (bytes > 0 && bytes % (1L << 10) == 0) {
            return (bytes >> 10) + "KiB";
        }
        return bytes + "B";
    }
}
