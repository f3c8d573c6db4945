package dev.penstock.chaos.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The time of day as single processes see it, made wrong with libfaketime: its file says by how many seconds. What
 * measures durations (the monotonic clock) is left alone, as it is where an administrator or NTP sets a clock.
 */
public final class Clocks {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib64/faketime/libfaketimeMT.so.1"));

    private final Optional<Path> library;
    private final Path directory;

    private Clocks(Optional<Path> library, Path directory) {
        this.library = library;
        this.directory = directory;
    }

    /** Clocks that nobody can set. */
    static Clocks right() {
        return new Clocks(Optional.empty(), Path.of(""));
    }

    /**
     * @param directory for the file of each process
     * @throws IllegalStateException if there is no libfaketime
     */
    static Clocks adjustable(Path directory) throws IOException {
        Path library = LIBRARIES.stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot set clocks: none of %s is there; install libfaketime (Debian's package has this name), or leave the fault 'clock' out"
                                .formatted(LIBRARIES)));
        Files.createDirectories(directory);
        return new Clocks(Optional.of(library), directory);
    }

    /** What a process needs in its environment so that its clock can be set. */
    Map<String, String> variables(String process) throws IOException {
        if (library.isEmpty()) {
            return Map.of();
        }
        set(process, Duration.ZERO);
        return Map.of(
                "LD_PRELOAD",
                library.get().toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file(process).toString(),
                // Read again after each second, not at each look at the clock.
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Without it a Java process waits for itself at its start.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }

    /** @param ahead by how much its clock is fast; negative for slow */
    public void set(String process, Duration ahead) throws IOException {
        Path unfinished = directory.resolve(process + ".unfinished");
        Files.writeString(unfinished, "%+d%n".formatted(ahead.toSeconds()));
        Files.move(unfinished, file(process), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file(String process) {
        return directory.resolve(process + ".clock");
    }
}
