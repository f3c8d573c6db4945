package dev.penstock.measuring;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What was measured on: figures without it mean nothing. */
public final class Machine {
    private Machine() {}

    /**
     * Processor, memory, versions, and what else the machine did in the last minute; in an order to be read in.
     *
     * @param versions of what was measured, by name
     */
    public static Map<String, String> describe(Map<String, String> versions) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "processor",
                "%d × %s".formatted(Runtime.getRuntime().availableProcessors(), value("/proc/cpuinfo", "model name")));
        facts.put("memory", value("/proc/meminfo", "MemTotal"));
        facts.put(
                "system",
                "%s %s, %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        facts.putAll(versions);
        facts.put(
                "load",
                "%.2f in the end"
                        .formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        return facts;
    }

    private static String value(String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException | RuntimeException e) {
            return "unknown";
        }
    }
}
