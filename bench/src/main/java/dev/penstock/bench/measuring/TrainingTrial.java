package dev.penstock.bench.measuring;

import dev.penstock.bench.kafka.AnswerListener;
import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.kafka.Requests;
import dev.penstock.bench.processes.Child;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.workloads.Workload;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Trains beside the product while requests come in, and then does not, in turns. */
public final class TrainingTrial {
    private static final int TURNS = 4;
    private static final Duration SETTLING = Duration.ofSeconds(8);
    private static final Duration TURN = Duration.ofSeconds(20);
    /** Reading the examples and building the graph are over then. */
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    /** How long a step takes is not known before. */
    private static final Duration AT_MOST = Duration.ofMinutes(10);

    private final Platform platform;
    private final Workload workload;
    private final Requests requests;
    private final Consumer<String> progress;

    public TrainingTrial(Platform platform, Workload workload, Requests requests, Consumer<String> progress) {
        this.platform = platform;
        this.workload = workload;
        this.requests = requests;
        this.progress = progress;
    }

    /**
     * @param product serves
     * @param trainer a process that reads no topic
     */
    public Beside run(Child product, Child trainer, double perSecond) throws IOException, InterruptedException {
        String topic = Topic.requestsOf(workload.modality()).topicName();
        String answers = AnswerTopics.of(platform, Contender.PRODUCT, workload.modality());
        String group = workload.name() + "-training";
        platform.skip(group, topic);
        trainer.train(WARM_UP);
        product.start(new Route(topic, answers, group));
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try {
            OpenLoop loop = new OpenLoop(platform, requests, AnswerListener.Depth.ARRIVAL);
            AtomicBoolean enough = new AtomicBoolean();
            Future<OpenLoop.Course> sending =
                    sender.submit(() -> loop.run(topic, answers, perSecond, AT_MOST, enough::get));
            Thread.sleep(SETTLING.toMillis());
            long steps = 0;
            List<long[]> alone = new ArrayList<>();
            List<long[]> training = new ArrayList<>();
            for (int turn = 0; turn < TURNS; turn++) {
                long begin = System.nanoTime();
                Thread.sleep(TURN.toMillis());
                long middle = System.nanoTime();
                steps += trainer.train(TURN);
                alone.add(new long[] {begin, middle});
                training.add(new long[] {middle, System.nanoTime()});
            }
            enough.set(true);
            OpenLoop.Course course = sending.get();
            if (course.lost() > 0 || course.doubled() > 0) {
                throw new IllegalStateException(
                        "Cannot count the latency beside a training: %d answers lost, %d doubled"
                                .formatted(course.lost(), course.doubled()));
            }
            Beside beside = new Beside(perSecond, latencies(course, alone), latencies(course, training), steps);
            progress.accept("%s training: %d steps, p99 beside it %.2f times that without"
                    .formatted(workload.name(), steps, beside.ratio()));
            return beside;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot send while a version is trained: " + e.getCause().getMessage(), e.getCause());
        } finally {
            sender.shutdownNow();
            product.stop();
        }
    }

    private static List<Latency> latencies(OpenLoop.Course course, List<long[]> windows) {
        return windows.stream()
                .map(window -> course.latency(window[0], window[1]))
                .toList();
    }
}
