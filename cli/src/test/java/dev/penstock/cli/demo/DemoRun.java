package dev.penstock.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.stream.Stream;
import picocli.CommandLine;

/** A run of the demo in this process, as a newcomer would start it, and what it printed. */
record DemoRun(int exitCode, JsonNode report) {
    static DemoRun of(String... arguments) throws IOException {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        int exitCode;
        try {
            exitCode = new CommandLine(new DemoCommand())
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .execute(Stream.concat(Arrays.stream(arguments), Stream.of("--output", "json"))
                            .toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return new DemoRun(exitCode, new ObjectMapper().readTree(out.toString(UTF_8)));
    }

    /**
     * @param list such as {@code pipelines}
     * @param key of the field that names each
     */
    JsonNode named(String list, String key, String name) {
        for (JsonNode each : report.get(list)) {
            if (each.get(key).asText().equals(name)) {
                return each;
            }
        }
        throw new AssertionError("Nothing in %s is called %s".formatted(list, name));
    }
}
