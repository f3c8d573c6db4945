package dev.penstock.cli.doctor;

import java.time.Duration;
import java.util.Locale;

/** Numbers as a person says them. */
final class Amounts {
    private static final long KIB = 1024;
    private static final long MIB = KIB * KIB;
    private static final long GIB = KIB * MIB;

    private Amounts() {}

    static String bytes(long bytes) {
        if (bytes >= GIB) {
            return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB);
        }
        if (bytes >= MIB) {
            return "%d MiB".formatted(bytes / MIB);
        }
        return bytes >= KIB ? "%d KiB".formatted(bytes / KIB) : "%d bytes".formatted(bytes);
    }

    /** In its largest unit, rounded down. */
    static String time(Duration time) {
        if (time.toDays() >= 2) {
            return "%d days".formatted(time.toDays());
        }
        if (time.toHours() >= 2) {
            return "%d hours".formatted(time.toHours());
        }
        if (time.toMinutes() >= 2) {
            return "%d minutes".formatted(time.toMinutes());
        }
        return time.toSeconds() >= 1
                ? "%d s".formatted(time.toSeconds())
                : "%d ms".formatted(Math.max(0, time.toMillis()));
    }
}
