package dev.penstock.deploy.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program of this machine, run to its end.
 *
 * @param program with the arguments that it always has
 * @param environment added to this process's own
 */
record Command(List<String> program, Path directory, Map<String, String> environment) {
    Command {
        program = List.copyOf(program);
        environment = Map.copyOf(environment);
    }

    static Command of(String program) {
        return new Command(List.of(program), Path.of("").toAbsolutePath(), Map.of());
    }

    Command in(Path other) {
        return new Command(program, other, environment);
    }

    Command with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new Command(program, directory, more);
    }

    /**
     * What it says on its standard output.
     *
     * @throws FailedException if it could not be started, did not end with 0 or not in time
     */
    String run(Duration patience, String... arguments) throws FailedException, InterruptedException {
        List<String> line = new ArrayList<>(program);
        line.addAll(Arrays.asList(arguments));
        try {
            Path out = Files.createTempFile("command", ".out");
            Path err = Files.createTempFile("command", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(line)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                    throw new FailedException("'%s' was not done within %s, and said: %s"
                            .formatted(String.join(" ", line), patience, lastLine(err)));
                }
                if (process.exitValue() != 0) {
                    throw new FailedException(lastLine(err));
                }
                return Files.readString(out, UTF_8);
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new FailedException(e.getMessage());
        }
    }

    private static String lastLine(Path file) throws IOException {
        List<String> lines = Files.readString(file, UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        return lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
    }

    /** Its message is the last thing that the program said, or why it could not be started. */
    static final class FailedException extends Exception {
        FailedException(String message) {
            super(message);
        }
    }
}
