package dev.penstock.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What was measured on: figures without it mean nothing. */
final class Machine {
    private Machine() {}

    /** Processor, memory, versions, and what else the machine did; in an order to be read in. */
    static Map<String, String> describe() {
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
        facts.put("flink", version(org.apache.flink.runtime.util.EnvironmentInformation.class));
        facts.put("kafka", org.apache.kafka.common.utils.AppInfoParser.getVersion());
        facts.put("tensorflow", org.tensorflow.TensorFlow.version());
        facts.put("onnx-runtime", ai.onnxruntime.OrtEnvironment.getEnvironment().getVersion());
        facts.put("load", load());
        return facts;
    }

    /** Mean number of runnable tasks in the last minute; negative where the system does not tell. */
    static String load() {
        return "%.2f".formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
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
