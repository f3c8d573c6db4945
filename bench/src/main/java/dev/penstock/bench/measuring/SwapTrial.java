package dev.penstock.bench.measuring;

import dev.penstock.bench.kafka.AnswerListener;
import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.kafka.Requests;
import dev.penstock.bench.processes.Child;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.workloads.Workload;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Publishes new versions of the model while requests come in: one alone, then many in a row. */
public final class SwapTrial {
    private static final Duration BEFORE = Duration.ofSeconds(12);
    private static final Duration AROUND = Duration.ofSeconds(5);
    private static final Duration AFTER = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(5);
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final Platform platform;
    private final Workload workload;
    private final Requests requests;
    private final Path bundle;
    private final Consumer<String> progress;

    /** @param bundle of version 1, which serves */
    public SwapTrial(Platform platform, Workload workload, Requests requests, Path bundle, Consumer<String> progress) {
        this.platform = platform;
        this.workload = workload;
        this.requests = requests;
        this.bundle = bundle;
        this.progress = progress;
    }

    /**
     * @param child the product's
     * @param swaps after the first, whose latency is looked at
     */
    public Swaps run(Child child, double perSecond, int swaps) throws IOException, InterruptedException {
        String group = workload.name() + "-swaps";
        platform.skip(group, topic());
        child.start(new Route(topic(), AnswerTopics.of(platform, Contender.PRODUCT, workload.modality()), group));
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try {
            Future<OpenLoop.Course> sending = send(sender, perSecond, BEFORE.plus(AFTER));
            Thread.sleep(BEFORE.toMillis());
            publish(2);
            OpenLoop.Course one = sending.get();
            long swapped = firstOf(one, 2);
            long half = AROUND.toNanos() / 2;
            Latency before = one.latency(one.due()[0] + SETTLING.toNanos(), swapped - half);
            Latency around = one.latency(swapped - half, swapped + half);
            progress.accept("%s swap: p99 before %.1f ms, around %.1f ms"
                    .formatted(workload.name(), before.p99(), around.p99()));

            sending = send(
                    sender,
                    perSecond,
                    SETTLING.plus(BETWEEN.multipliedBy(swaps)).plus(AFTER));
            double growth = publishMany(child, 3, swaps);
            OpenLoop.Course many = sending.get();
            requireLast(many, 2 + swaps);
            progress.accept("%s swap: %d more, %.1f MiB more at the end than in their middle"
                    .formatted(workload.name(), swaps, growth));
            return new Swaps(
                    perSecond, before, around, one.lost() + many.lost(), one.doubled() + many.doubled(), swaps, growth);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot send while versions change: " + e.getCause().getMessage(), e.getCause());
        } finally {
            sender.shutdownNow();
            child.stop();
        }
    }

    private String topic() {
        return Topic.requestsOf(workload.modality()).topicName();
    }

    private Future<OpenLoop.Course> send(ExecutorService sender, double perSecond, Duration time) {
        OpenLoop loop = new OpenLoop(platform, requests, AnswerListener.Depth.VERSION);
        return sender.submit(() ->
                loop.run(topic(), AnswerTopics.of(platform, Contender.PRODUCT, workload.modality()), perSecond, time));
    }

    /** @return mebibytes that the process grew by during the later half */
    private double publishMany(Child child, int first, int swaps) throws IOException, InterruptedException {
        double middle = 0;
        long start = System.nanoTime();
        for (int swap = 0; swap < swaps; swap++) {
            if (swap == swaps / 2) {
                middle = child.residentMebibytes();
            }
            publish(first + swap);
            long due = start + BETWEEN.toNanos() * (swap + 1);
            Thread.sleep(Math.max(0, TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime())));
        }
        return child.residentMebibytes() - middle;
    }

    private static void requireLast(OpenLoop.Course course, int version) {
        int last = course.versions()[course.versions().length - 1];
        if (last != version) {
            throw new IllegalStateException(
                    "Cannot count the swaps: version %d answered last, but %d was published before"
                            .formatted(last, version));
        }
    }

    /** When the first request was due that this version answered. */
    private static long firstOf(OpenLoop.Course course, int version) {
        for (int number = 0; number < course.due().length; number++) {
            if (course.versions()[number] == version) {
                return course.due()[number];
            }
        }
        throw new IllegalStateException("Cannot measure the swap: version %d never answered".formatted(version));
    }

    private void publish(int version) throws IOException, InterruptedException {
        Bundle first = Bundle.open(bundle);
        Path directory = Files.createTempDirectory("penstock-version-");
        try {
            String card = first.cardText().replaceFirst("(?m)^version: \\d+$", "version: " + version);
            platform.publish(new BundleBuilder(card, first.savedModel()).build(directory));
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
