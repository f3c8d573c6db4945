package dev.penstock.cli.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What Linux tells of itself under {@code /proc}; nothing on other systems. */
final class ProcFiles {
    private static final Path PROC = Path.of("/proc");
    private static final String MAIN = "dev.penstock.cli.Main";
    private static final Set<String> PLATFORMS = Set.of("up", "demo");

    private ProcFiles() {}

    /**
     * A process that runs the local platform.
     *
     * @param residentBytes of memory, native ones included
     * @param heapLimit as it was given to the JVM
     */
    record PlatformProcess(long id, long residentBytes, String heapLimit) {}

    /** Memory that can be had without swapping, in bytes. */
    static OptionalLong availableMemory() {
        return kibibytes(PROC.resolve("meminfo"), "MemAvailable:");
    }

    /** Those of every user whose processes can be looked at. */
    static List<PlatformProcess> platforms() {
        List<PlatformProcess> found = new ArrayList<>();
        if (!Files.isDirectory(PROC)) {
            return found;
        }
        try (Stream<Path> processes = Files.list(PROC)) {
            processes
                    .filter(directory -> directory.getFileName().toString().matches("\\d+"))
                    .forEach(directory -> platform(directory).ifPresent(found::add));
        } catch (IOException | UncheckedIOException e) {
            return found;
        }
        return found;
    }

    /** The instructions that the first processor has; empty where that cannot be known. */
    static Set<String> processorFlags() {
        try (Stream<String> lines = Files.lines(PROC.resolve("cpuinfo"))) {
            return lines.filter(line -> line.toLowerCase(Locale.ROOT).startsWith("flags"))
                    .findFirst()
                    .map(line -> new TreeSet<>(List.of(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+"))))
                    .orElseGet(TreeSet::new);
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
    }

    private static Optional<PlatformProcess> platform(Path directory) {
        String[] arguments;
        try {
            arguments = Files.readString(directory.resolve("cmdline")).split("\0");
        } catch (IOException e) {
            // It has ended, or is somebody else's.
            return Optional.empty();
        }
        String heap = "the JVM's choice";
        for (int index = 0; index < arguments.length; index++) {
            if (arguments[index].startsWith("-Xmx")) {
                heap = arguments[index].substring("-Xmx".length());
            }
            if (arguments[index].equals(MAIN)
                    && index + 1 < arguments.length
                    && PLATFORMS.contains(arguments[index + 1])) {
                return Optional.of(new PlatformProcess(
                        Long.parseLong(directory.getFileName().toString()),
                        kibibytes(directory.resolve("status"), "VmRSS:").orElse(0),
                        heap));
            }
        }
        return Optional.empty();
    }

    private static OptionalLong kibibytes(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            // There is no such file on this system, or its process has ended.
            return OptionalLong.empty();
        }
    }
}
