package dev.penstock.bench.processes;

import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.RawTensorFlow;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.variants.Setting;
import dev.penstock.bench.variants.TrainingLoop;
import dev.penstock.bench.workloads.Workloads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One contender in a process of its own, for its own JVM options, TensorFlow threads and heap. It stays for all rounds,
 * so that its code is compiled when it counts. Orders come one a line on standard input, answers go to standard output;
 * it ends with its input.
 */
final class ChildMain {
    /** Begins every answer: the JVM writes to standard output as well. */
    static final String ANSWER = "answer: ";

    private static final Duration LOOP_WARM_UP = Duration.ofSeconds(1);

    private final PrintStream out;
    private final Contender contender;
    private final Setting setting;
    private AutoCloseable running = () -> {};

    private ChildMain(PrintStream out, Contender contender, Setting setting) {
        this.out = out;
        this.contender = contender;
        this.setting = setting;
    }

    /** @param arguments contender, brokers, registry, workload, directory, slots */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        // Whatever libraries print must not be taken for an answer.
        System.setOut(System.err);
        new ChildMain(
                        answers,
                        Contender.labelled(arguments[0]),
                        new Setting(
                                arguments[1], arguments[2], arguments[3], arguments[4], Integer.parseInt(arguments[5])))
                .obey();
        // Flink and Kafka leave threads behind.
        System.exit(0);
    }

    private void obey() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String answer;
            try {
                answer = obey(order.split(" ", -1));
            } catch (Exception e) {
                e.printStackTrace();
                answer = "failed " + e;
            }
            out.println(ANSWER + answer.replace('\n', ' '));
            out.flush();
        }
    }

    private String obey(String[] order) throws Exception {
        return switch (order[0]) {
            case "start" -> {
                running = contender.approach().orElseThrow().start(setting, new Route(order[1], order[2], order[3]));
                yield "done";
            }
            case "stop" -> {
                running.close();
                yield "done";
            }
            case "loop" -> "done " + loop(Duration.ofMillis(Long.parseLong(order[1])));
            case "train" -> "done " + TrainingLoop.steps(Duration.ofMillis(Long.parseLong(order[1])));
            default -> throw new IllegalArgumentException("Cannot obey '%s'".formatted(order[0]));
        };
    }

    private double loop(Duration time) throws InterruptedException {
        return RawTensorFlow.rate(setting, Workloads.named(setting.workload()), LOOP_WARM_UP, time);
    }
}
