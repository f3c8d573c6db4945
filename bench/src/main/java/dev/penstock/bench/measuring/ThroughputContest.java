package dev.penstock.bench.measuring;

import dev.penstock.bench.kafka.Answers;
import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.kafka.Requests;
import dev.penstock.bench.processes.Child;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.workloads.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Contenders take turns at the same preloaded requests, several rounds, so that what else the machine does in the
 * meantime meets them all. A contender that loses or doubles a record ends the contest.
 */
public final class ThroughputContest {
    private static final long LOOK_EVERY_MILLIS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration LOOP = Duration.ofSeconds(3);
    private static final int FEWEST_EVENTS = 200;

    private final Platform platform;
    private final Workload workload;
    private final Requests requests;
    private final int events;
    private final Consumer<String> progress;

    /** @param events the most that one contender reads in a round */
    public ThroughputContest(
            Platform platform, Workload workload, Requests requests, int events, Consumer<String> progress) {
        this.platform = platform;
        this.workload = workload;
        this.requests = requests;
        this.events = events;
        this.progress = progress;
    }

    /**
     * @param warmUps rounds before the first that counts
     * @return in the order of the children
     */
    public List<Throughput> run(List<Child> children, int warmUps, int rounds)
            throws IOException, InterruptedException {
        Map<Contender, List<Double>> rates = new EnumMap<>(Contender.class);
        Map<Contender, List<Double>> processor = new EnumMap<>(Contender.class);
        for (Child child : children) {
            rates.put(child.contender(), new ArrayList<>());
            processor.put(child.contender(), new ArrayList<>());
        }
        for (int round = 1 - warmUps; round <= rounds; round++) {
            for (Child child : children) {
                boolean counts = round > 0;
                String title = counts ? "round %d of %d".formatted(round, rounds) : "warming up";
                if (child.contender().approach().isEmpty()) {
                    double rate = child.loop(LOOP);
                    report(title, child, rate);
                    if (counts) {
                        rates.get(child.contender()).add(rate);
                    }
                } else {
                    Window window = turn(child, round);
                    report(title, child, window.eventsPerSecond());
                    if (counts) {
                        rates.get(child.contender()).add(window.eventsPerSecond());
                        processor.get(child.contender()).add(window.processorMicrosPerEvent());
                    }
                }
            }
        }
        return children.stream()
                .map(Child::contender)
                .map(contender -> new Throughput(contender, rates.get(contender), processor.get(contender)))
                .toList();
    }

    private void report(String title, Child child, double rate) {
        progress.accept("%s %s: %s %,.0f events/s"
                .formatted(workload.name(), title, child.contender().label(), rate));
    }

    private Window turn(Child child, int round) throws IOException, InterruptedException {
        int count = events(child.contender());
        String answerTopic = AnswerTopics.of(platform, child.contender(), workload.modality());
        Answers answers = new Answers(platform, answerTopic);
        Window window = new Window(look(child, answers), count);
        child.start(new Route(
                requests.topicOf(count),
                answerTopic,
                "%s-%s-%d-%d".formatted(workload.name(), child.contender().label(), count, round + 1_000)));
        watch(child, answers, window);
        if (child.contender().isTransactional()) {
            // Stopped before, it would give up what it has not committed.
            answers.awaitCommitted(count);
        }
        child.stop();
        answers.requireEachOnce(count, child.contender().isIngest() ? Answers.Kind.REQUESTS : Answers.Kind.PREDICTIONS);
        return window;
    }

    private void watch(Child child, Answers answers, Window window) throws InterruptedException {
        long before = 0;
        long progressed = System.nanoTime();
        while (!window.isComplete()) {
            Thread.sleep(LOOK_EVERY_MILLIS);
            Window.Sample sample = look(child, answers);
            window.add(sample);
            if (sample.answers() > before) {
                before = sample.answers();
                progressed = sample.nanos();
            } else if (sample.nanos() - progressed > PATIENCE.toNanos()) {
                throw new IllegalStateException("Cannot finish the run of '%s': after %d answers nothing came for %s"
                        .formatted(child.contender().label(), before, PATIENCE));
            }
            child.requireAlive();
        }
    }

    private static Window.Sample look(Child child, Answers answers) throws InterruptedException {
        long count = answers.count();
        Duration ours = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        return new Window.Sample(
                System.nanoTime(), count, ours.plus(child.processorTime()).toNanos());
    }

    private int events(Contender contender) {
        double share =
                workload.weight() == Workload.Weight.HEAVY ? Math.max(contender.share(), 0.25) : contender.share();
        return Math.min(events, Math.max(FEWEST_EVENTS, (int) (events * share)));
    }
}
