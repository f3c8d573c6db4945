package dev.penstock.rollout;

import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.JobConfig;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.rollout.plan.ModelPlans;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlans;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the rollout job reads from outside the process, beside the pipelines: the whole of {@code rollout.yaml}.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param group consumer group whose committed offsets show the lag; checkpoints decide where reading goes on
 * @param checkpoints durable directory and interval
 * @param state where requests are kept that wait for their labels
 * @param plans how much evidence moves a version, and by which steps
 * @param joining how long what belongs together is waited for
 * @param drift when the world counts as changed
 * @param tick how often each model is looked at when nothing else asks for it
 * @param metrics where Prometheus may ask; empty to answer nowhere
 * @param kafka further settings of Kafka's clients, such as {@code security.protocol}
 */
public record RolloutConfig(
        String brokers,
        Registry registry,
        @Default("penstock-rollout") String group,
        Checkpoints checkpoints,
        @Default("rocksdb") StateBackend state,
        @Default RolloutPlans plans,
        @Default Joining joining,
        @Default Drift drift,
        @Default("PT1S") Duration tick,
        Optional<Metrics> metrics,
        Map<String, String> kafka)
        implements JobConfig {

    public RolloutConfig {
        kafka = Map.copyOf(kafka);
        Checks checks = new Checks()
                .require(!brokers.isBlank(), "brokers", "there is none; write host:port")
                .require(!group.isBlank(), "group", "it is empty; name one, or leave it out")
                .require(
                        tick.toMillis() >= 1,
                        "tick",
                        "%s is not positive; use a duration such as PT1S".formatted(tick));
        ModelPlans resolved = plans.resolved();
        requireShorter(resolved.usual(), "plans.standard", joining.retention(), checks);
        Duration retention = joining.retention();
        resolved.models().forEach((model, plan) -> requireShorter(plan, "plans.models." + model, retention, checks));
        checks.refuse("rollout's configuration");
    }

    private static void requireShorter(RolloutPlan plan, String place, Duration retention, Checks checks) {
        Silence silence = plan.silence();
        if (silence != null) {
            checks.require(
                    silence.after().compareTo(retention) < 0,
                    place + ".silence.after",
                    "%s is not shorter than the retention of %s, after which a request is forgotten; raise joining.retention, or wait less long"
                            .formatted(silence.after(), retention));
        }
    }

    /**
     * @param retention how long a request waits for its label: what is said of it later comes too late
     * @param unknown how long a label waits for its request before it counts as one of a request that nobody knows; not
     *     longer than the retention
     * @param settling how long a label waits for the answer of a shadow, where one may come
     */
    public record Joining(
            @Default("P30D") Duration retention,
            @Default("PT1H") Duration unknown,
            @Default("PT2S") Duration settling) {
        public Joining {
            new Checks()
                    .require(
                            retention.toMillis() >= 1,
                            "retention",
                            "%s is not positive; use a duration such as P30D".formatted(retention))
                    .require(
                            unknown.toMillis() >= 1 && unknown.compareTo(retention) <= 0,
                            "unknown",
                            "%s is not positive and at most the retention of %s".formatted(unknown, retention))
                    .require(!settling.isNegative(), "settling", "%s is negative".formatted(settling))
                    .refuse("joining");
        }
    }

    /**
     * @param windowRows requests that are compared with the reference at a time
     */
    public record Drift(@Default("2000") int windowRows) {
        /** Below it the index's own noise reaches its limits. */
        private static final int FEWEST_ROWS = 1_000;

        public Drift {
            new Checks()
                    .require(
                            windowRows >= FEWEST_ROWS,
                            "window-rows",
                            "%d are too few to tell drift from noise; use %d or more"
                                    .formatted(windowRows, FEWEST_ROWS))
                    .refuse("drift");
        }
    }
}
