package dev.penstock.chaos.processes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a process is started with.
 *
 * @param words the program and its arguments
 * @param environment variables that it has beside those of this process
 */
public record Program(List<String> words, Map<String, String> environment) {
    public Program {
        words = List.copyOf(words);
        environment = Map.copyOf(environment);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("Cannot start a process without a program: name one");
        }
    }

    /**
     * A class of Java's, run by the Java that runs this.
     *
     * @param options of the virtual machine
     * @param classPath files, folders and {@code folder/*}, with the system's separator between them
     */
    public static Program java(List<String> options, String classPath, String mainClass, List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(options);
        words.addAll(List.of("-cp", classPath, mainClass));
        words.addAll(arguments);
        return new Program(words, Map.of());
    }

    /** @param log to which the process's output is appended */
    public Process start(Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The same with further variables. */
    public Program with(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(variables);
        return new Program(words, all);
    }
}
