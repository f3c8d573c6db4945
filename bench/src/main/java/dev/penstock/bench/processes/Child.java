package dev.penstock.bench.processes;

import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.variants.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A contender's process, seen from here. The caller closes it. */
public final class Child implements AutoCloseable {
    private static final String HEAP = "1g";
    private static final int LAST_LINES = 12;
    private static final Duration ENDING = Duration.ofSeconds(10);

    private final Contender contender;
    private final Process process;
    private final PrintStream orders;
    private final BufferedReader answers;
    private final Path log;
    /** The last lines on its standard output that are no answers, such as what a JVM says that cannot start. */
    private final Deque<String> remarks = new ArrayDeque<>();

    private Child(Contender contender, Process process, Path log) {
        this.contender = contender;
        this.process = process;
        this.log = log;
        this.orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param furtherOptions of its JVM, such as a recording, whose directory must be there */
    public static Child start(Contender contender, Setting setting, List<String> furtherOptions) throws IOException {
        Path log = Path.of(setting.directory(), contender.label() + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions(log));
        command.addAll(contender.jvmOptions());
        command.addAll(furtherOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildMain.class.getName()));
        command.addAll(List.of(
                contender.label(),
                setting.brokers(),
                setting.registryUrl(),
                setting.workload(),
                setting.directory(),
                Integer.toString(setting.slots())));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "2");
        return new Child(contender, builder.start(), log);
    }

    /** What every contender has: the product's own options but for JavaCPP's memory check. */
    private static List<String> jvmOptions(Path log) {
        return List.of(
                // Of one size from the start: how it grows is no contender's doing.
                "-Xms" + HEAP,
                "-Xmx" + HEAP,
                "-XX:+UseParallelGC",
                "-XX:MaxDirectMemorySize=512m",
                "-Dpenstock.log=" + log,
                "-Djava.awt.headless=true",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED");
    }

    public Contender contender() {
        return contender;
    }

    /** Begins to read. */
    public void start(Route route) throws IOException {
        ask("start %s %s %s".formatted(route.requests(), route.answers(), route.group()));
    }

    /** Stops to read. */
    public void stop() throws IOException {
        ask("stop");
    }

    /** Rows a second of {@link Contender#RAW_TENSORFLOW}. */
    public double loop(Duration time) throws IOException {
        return Double.parseDouble(ask("loop " + time.toMillis()).split(" ", -1)[1]);
    }

    /**
     * Trains something for so long.
     *
     * @return steps that were taken
     */
    public long train(Duration time) throws IOException {
        return Long.parseLong(ask("train " + time.toMillis()).split(" ", -1)[1]);
    }

    /** Processor time that it has used, all threads. */
    public Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /**
     * Memory that it holds now, of whatever kind.
     *
     * @throws IOException where there is no {@code /proc}
     */
    public double residentMebibytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/%d/status".formatted(process.pid())))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** @throws IllegalStateException if it does not live any more */
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("Cannot go on: " + ending());
        }
    }

    private String ask(String order) throws IOException {
        orders.println(order);
        String line = answers.readLine();
        while (line != null && !line.startsWith(ChildMain.ANSWER)) {
            remark(line);
            line = answers.readLine();
        }
        if (line == null) {
            throw new IllegalStateException(
                    "Cannot have '%s' obey '%s': %s".formatted(contender.label(), order, ending()));
        }
        String answer = line.substring(ChildMain.ANSWER.length());
        if (!answer.startsWith("done")) {
            throw new IllegalStateException("Cannot have '%s' obey '%s': it answered '%s'; see %s"
                    .formatted(contender.label(), order, answer, log));
        }
        return answer;
    }

    private void remark(String line) {
        if (remarks.size() == LAST_LINES) {
            remarks.removeFirst();
        }
        remarks.addLast(line);
    }

    /** How it ended and what it said last, on either stream; it has closed its output or ended. */
    private String ending() {
        String exit = exitCode().map(code -> "it ended with exit code " + code).orElse("it closed its output");
        List<String> lines = new ArrayList<>(remarks);
        lines.addAll(lastLogged());
        return "%s; see %s%s"
                .formatted(exit, log, lines.isEmpty() ? "" : "; it said last:\n  " + String.join("\n  ", lines));
    }

    private Optional<Integer> exitCode() {
        try {
            return process.waitFor(ENDING.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.of(process.exitValue())
                    : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private List<String> lastLogged() {
        // Not the platform's charset: a file that was cut off in a character must still be shown.
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            Deque<String> last = new ArrayDeque<>();
            lines.forEach(line -> {
                if (last.size() == LAST_LINES) {
                    last.removeFirst();
                }
                last.addLast(line);
            });
            return List.copyOf(last);
        } catch (IOException | UncheckedIOException e) {
            return List.of("(its log cannot be read: %s)".formatted(e.getMessage()));
        }
    }

    @Override
    public void close() {
        orders.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
