package dev.penstock.bench;

import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.kafka.Requests;
import dev.penstock.bench.measuring.Beside;
import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.LatencyContest;
import dev.penstock.bench.measuring.SwapTrial;
import dev.penstock.bench.measuring.Swaps;
import dev.penstock.bench.measuring.Throughput;
import dev.penstock.bench.measuring.ThroughputContest;
import dev.penstock.bench.measuring.TrainingTrial;
import dev.penstock.bench.processes.Child;
import dev.penstock.bench.report.WorkloadReport;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Scale;
import dev.penstock.bench.variants.Setting;
import dev.penstock.bench.workloads.Workload;
import dev.penstock.models.bundle.Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One workload from an empty directory to its figures: broker, model, requests, contenders. */
final class Benchmark {
    private static final int LIGHT_EVENTS = 400_000;
    private static final int HEAVY_EVENTS = 16_000;
    /** Sending, publishing and reading take part of the machine too. */
    private static final double MOST_WHILE_SWAPPING = 5_000;

    private final Workload workload;
    private final List<Contender> contenders;
    private final Plan plan;
    private final Optional<Path> recordings;
    private final Consumer<String> progress;

    /**
     * What is measured.
     *
     * @param events the most that one contender reads in a round; empty for what suits the workload
     * @param warmUps rounds that do not count
     * @param training whether to look at what a training does to latency; the product must be among the contenders
     * @param swaps how many versions are swapped under load after the first; 0 to leave that out
     */
    record Plan(
            Optional<Integer> events,
            int warmUps,
            int rounds,
            boolean latency,
            boolean training,
            int swaps,
            Scale scale) {}

    /** @param recordings where each contender's process leaves a Flight Recorder file; made if it is not there */
    Benchmark(
            Workload workload,
            List<Contender> contenders,
            Plan plan,
            Optional<Path> recordings,
            Consumer<String> progress) {
        this.workload = workload;
        this.contenders = contenders;
        this.plan = plan;
        this.recordings = recordings;
        this.progress = progress;
    }

    WorkloadReport run() throws IOException, InterruptedException {
        if (recordings.isPresent()) {
            // A JVM that cannot write its recording does not start.
            Files.createDirectories(recordings.get());
        }
        Path directory = Files.createTempDirectory("penstock-bench-");
        WorkloadReport report = run(directory);
        // After a failure it stays, for its logs.
        delete(directory);
        return report;
    }

    private WorkloadReport run(Path directory) throws IOException, InterruptedException {
        try (Platform platform = Platform.start(directory, plan.scale().partitions())) {
            Setting setting = new Setting(
                    platform.brokers(),
                    platform.registryUrl(),
                    workload.name(),
                    directory.toString(),
                    plan.scale().slots());
            progress.accept("%s: %s".formatted(workload.name(), workload.description()));
            Bundle bundle = workload.build(setting.bundle());
            Optional<byte[]> onnx = workload.onnx();
            if (onnx.isPresent()) {
                Files.write(setting.onnx(), onnx.get());
            }
            platform.publish(bundle);
            int events = plan.events().orElse(isLight() ? LIGHT_EVENTS : HEAVY_EVENTS);
            Requests requests = new Requests(platform, workload, events);
            progress.accept("%s: %,d requests written".formatted(workload.name(), events));
            List<Child> children = new ArrayList<>();
            try {
                for (Contender contender : contenders) {
                    if (contender != Contender.FLINK_ONNX || onnx.isPresent()) {
                        children.add(Child.start(contender, setting, furtherOptions(contender)));
                    }
                }
                return measure(platform, requests, events, setting, children);
            } finally {
                children.forEach(Child::close);
            }
        }
    }

    private WorkloadReport measure(
            Platform platform, Requests requests, int events, Setting setting, List<Child> children)
            throws IOException, InterruptedException {
        List<Throughput> throughput = new ThroughputContest(platform, workload, requests, events, progress)
                .run(children, plan.warmUps(), plan.rounds());
        Map<Contender, Double> saturation = new EnumMap<>(Contender.class);
        throughput.forEach(one -> saturation.put(one.contender(), one.median()));
        List<LatencyAtLoad> latency = plan.latency()
                ? new LatencyContest(platform, workload, requests, progress).run(children, saturation)
                : List.of();
        Optional<Swaps> swaps = Optional.empty();
        for (Child child : children) {
            if (plan.swaps() > 0 && child.contender() == Contender.PRODUCT) {
                double rate = Math.min(MOST_WHILE_SWAPPING, saturation.get(Contender.PRODUCT) / 4);
                swaps = Optional.of(new SwapTrial(platform, workload, requests, setting.bundle(), progress)
                        .run(child, rate, plan.swaps()));
            }
        }
        Optional<Beside> beside = plan.training()
                ? Optional.of(train(platform, requests, setting, children, saturation))
                : Optional.empty();
        return new WorkloadReport(workload.name(), workload.description(), throughput, latency, swaps, beside);
    }

    private Beside train(
            Platform platform,
            Requests requests,
            Setting setting,
            List<Child> children,
            Map<Contender, Double> saturation)
            throws IOException, InterruptedException {
        Child product = children.stream()
                .filter(child -> child.contender() == Contender.PRODUCT)
                .findFirst()
                .orElseThrow();
        double rate = Math.min(MOST_WHILE_SWAPPING, saturation.get(Contender.PRODUCT) / 4);
        try (Child trainer = Child.start(Contender.RAW_TENSORFLOW, setting, List.of())) {
            return new TrainingTrial(platform, workload, requests, progress).run(product, trainer, rate);
        }
    }

    private boolean isLight() {
        return workload.weight() == Workload.Weight.LIGHT;
    }

    private List<String> furtherOptions(Contender contender) {
        List<String> options = new ArrayList<>();
        recordings.ifPresent(target -> options.add("-XX:StartFlightRecording=settings=profile,filename="
                + target.resolve(workload.name() + "-" + contender.label() + ".jfr")));
        if (plan.swaps() > 0 && contender == Contender.PRODUCT) {
            // All of the heap is resident then, and what grows is something else: what models leave behind.
            options.add("-XX:+AlwaysPreTouch");
        }
        return options;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
