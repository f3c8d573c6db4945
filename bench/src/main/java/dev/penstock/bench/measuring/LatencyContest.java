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
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Latency at parts of what each contender can do, and on a stream that is all but idle. Sender and reader share the
 * machine with the contender, so that a part of the throughput that was measured without them is more of what is left.
 */
public final class LatencyContest {
    private static final List<Integer> PERCENTS = List.of(10, 50, 80);
    private static final double IDLE_PER_SECOND = 50;
    private static final Duration SETTLING = Duration.ofSeconds(4);
    private static final Duration TIME = Duration.ofSeconds(10);

    private final Platform platform;
    private final Workload workload;
    private final OpenLoop loop;
    private final Consumer<String> progress;

    public LatencyContest(Platform platform, Workload workload, Requests requests, Consumer<String> progress) {
        this.platform = platform;
        this.workload = workload;
        this.loop = new OpenLoop(platform, requests, AnswerListener.Depth.ARRIVAL);
        this.progress = progress;
    }

    /** @param saturation events a second of each contender; those without are measured idle alone */
    public List<LatencyAtLoad> run(List<Child> children, Map<Contender, Double> saturation)
            throws IOException, InterruptedException {
        List<LatencyAtLoad> measured = new ArrayList<>();
        for (Child child : children) {
            Contender contender = child.contender();
            // One reads no topic, and another's answers are seen at its next checkpoint, whatever it does.
            if (contender.approach().isEmpty() || contender.isTransactional()) {
                continue;
            }
            String answers = AnswerTopics.of(platform, contender, workload.modality());
            String requests = Topic.requestsOf(workload.modality()).topicName();
            String group = "%s-%s-latency".formatted(workload.name(), contender.label());
            platform.skip(group, requests);
            child.start(new Route(requests, answers, group));
            measured.add(measure(contender, "idle", IDLE_PER_SECOND, requests, answers));
            Optional<Double> own = Optional.ofNullable(saturation.get(contender));
            if (own.isPresent()) {
                for (int percent : PERCENTS) {
                    measured.add(measure(contender, percent + " %", own.get() * percent / 100, requests, answers));
                }
            }
            Double usual = saturation.get(Contender.FLINK_TENSORFLOW);
            if (contender == Contender.PRODUCT && usual != null) {
                measured.add(measure(
                        contender, "50 % of " + Contender.FLINK_TENSORFLOW.label(), usual / 2, requests, answers));
            }
            child.stop();
        }
        return measured;
    }

    private LatencyAtLoad measure(Contender contender, String load, double perSecond, String requests, String answers)
            throws InterruptedException {
        OpenLoop.Course course = loop.run(requests, answers, perSecond, SETTLING.plus(TIME));
        if (course.lost() > 0 || course.doubled() > 0) {
            throw new IllegalStateException("Cannot count the latency of '%s' at %s: %d answers lost, %d doubled"
                    .formatted(contender.label(), load, course.lost(), course.doubled()));
        }
        long from = course.due()[0] + SETTLING.toNanos();
        LatencyAtLoad result =
                new LatencyAtLoad(contender, load, perSecond, course.latency(from, from + TIME.toNanos()));
        progress.accept("%s latency: %s at %s (%,.0f events/s) p50 %.1f ms, p99 %.1f ms"
                .formatted(
                        workload.name(),
                        contender.label(),
                        load,
                        perSecond,
                        result.latency().p50(),
                        result.latency().p99()));
        return result;
    }
}
