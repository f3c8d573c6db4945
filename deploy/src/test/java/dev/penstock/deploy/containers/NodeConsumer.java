package dev.penstock.deploy.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code src/test/node/read-predictions.mjs}, with the packages of its lock file, as a process. */
final class NodeConsumer {
    private static final Path SOURCE = Path.of("src/test/node");
    private static final Path INSTALLED = Path.of("target/node");
    private static final String PROGRAM = "read-predictions.mjs";
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration INSTALL = Duration.ofMinutes(5);
    private static final Duration READ = Duration.ofMinutes(2);

    private NodeConsumer() {}

    /**
     * @throws IllegalStateException if this machine has no Node or npm, or npm's registry does not give the packages
     */
    static NodeConsumer install() throws IOException, InterruptedException {
        try {
            Command.of("node").run(ANSWER, "--version");
            Command.of("npm").run(ANSWER, "--version");
        } catch (Command.FailedException e) {
            throw new IllegalStateException(
                    "Cannot read predictions in another language: there is no Node with npm (%s); install Node 20 or newer, or leave the profile 'containers' out"
                            .formatted(e.getMessage()),
                    e);
        }
        Files.createDirectories(INSTALLED);
        for (String file : List.of(PROGRAM, "package.json", "package-lock.json")) {
            Files.copy(SOURCE.resolve(file), INSTALLED.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        try {
            Command.of("npm").in(INSTALLED).run(INSTALL, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        } catch (Command.FailedException e) {
            throw new IllegalStateException(
                    "Cannot read predictions in another language: npm does not install what %s needs (%s); see that npm's registry can be reached"
                            .formatted(PROGRAM, e.getMessage()),
                    e);
        }
        return new NodeConsumer();
    }

    /**
     * The committed predictions: {@code partition}, {@code offset}, {@code key}, {@code value}.
     *
     * @param last offset of each partition, up to which it reads
     */
    List<JsonNode> read(ContainedKafka kafka, Map<Integer, Long> last)
            throws InterruptedException, JsonProcessingException {
        String until = last.entrySet().stream()
                .map(end -> end.getKey() + ":" + end.getValue())
                .collect(Collectors.joining(","));
        String lines;
        try {
            lines = Command.of("node")
                    .in(INSTALLED)
                    .run(
                            READ,
                            PROGRAM,
                            "--brokers",
                            kafka.bootstrapServers(),
                            "--registry",
                            kafka.registryUrl(),
                            "--until",
                            until);
        } catch (Command.FailedException e) {
            throw new AssertionError(
                    "Cannot read predictions up to %s with Node: %s".formatted(until, e.getMessage()), e);
        }
        List<JsonNode> records = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            records.add(JSON.readTree(line));
        }
        return records;
    }
}
