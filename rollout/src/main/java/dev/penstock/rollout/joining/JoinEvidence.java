package dev.penstock.rollout.joining;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.rollout.plan.ModelPlans;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Puts together what was answered to a request and what it was, whichever comes first. Keyed by pipeline and request id.
 *
 * <ul>
 *   <li>Of one request the first answer counts, and the first beside it: a shadow's, or that of a canary that failed.
 *       Repeats are counted and left out.
 *   <li>A label is handed in once it is mature, by the answer's age and the label's source. Where a shadow may yet answer,
 *       it waits a little for the pair.
 *   <li>Of several labels the highest source's counts, and of that its last. A change after a label was handed in is
 *       handed in as such.
 *   <li>Where a plan says what silence means, a request that was let through and of which nobody has said anything for so
 *       long has that label; whatever is said later overrules it.
 *   <li>A label whose request does not come in time is of a request that nobody knows: it is counted and forgotten.
 *   <li>What has not been added to for the retention is forgotten.
 * </ul>
 */
public final class JoinEvidence extends KeyedCoProcessFunction<String, GivenAnswer, GivenLabel, Observation> {
    private static final char SEPARATOR = '\u001f';

    private final ModelPlans plans;
    private final Duration retention;
    private final Duration unknown;
    private final Duration settling;

    private transient ValueState<KnownRequest> requests;
    private transient Map<String, JoinCounters> counters;

    /**
     * @param retention how long a request waits for its label
     * @param unknown how long a label waits for its request
     * @param settling how long a label waits for a shadow's answer
     */
    public JoinEvidence(ModelPlans plans, Duration retention, Duration unknown, Duration settling) {
        this.plans = plans;
        this.retention = retention;
        this.unknown = unknown;
        this.settling = settling;
    }

    public static String key(GivenAnswer answer) {
        return answer.pipeline() + SEPARATOR + answer.requestId();
    }

    public static String key(GivenLabel label) {
        return label.pipeline() + SEPARATOR + label.requestId();
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<KnownRequest> descriptor =
                new ValueStateDescriptor<>("known-request", TypeInformation.of(KnownRequest.class));
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(retention)
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .build());
        requests = getRuntimeContext().getState(descriptor);
        counters = new HashMap<>();
    }

    @Override
    public void processElement1(GivenAnswer answer, Context context, Collector<Observation> out) throws Exception {
        KnownRequest request = known();
        GivenAnswer earlier = answer.isBeside() ? request.beside() : request.served();
        if (earlier != null) {
            counters(answer.pipeline()).repeated(earlier.predictionId().equals(answer.predictionId()));
            return;
        }
        long now = context.timerService().currentProcessingTime();
        KnownRequest added = answer.isBeside() ? request.answeredBeside(answer) : request.servedWith(answer);
        if (!answer.isShadow()) {
            out.collect(new Observation(answer, null, null, null, 0, now - answer.scoredAt()));
        }
        if (added.pair() != null) {
            out.collect(new Observation(added.served(), added.pair(), null, null, 0, now - answer.scoredAt()));
        }
        if (answer.equals(added.served())) {
            awaitSilence(answer, context);
        }
        requests.update(handIn(added, context, settling.toMillis(), out));
    }

    private void awaitSilence(GivenAnswer served, Context context) {
        Silence rule = plans.of(served.model()).silence();
        if (rule != null && served.letThroughAs(rule.label())) {
            // What is caught up with may have its label behind it.
            long catchingUp = context.timerService().currentProcessingTime() + unknown.toMillis();
            long lasted = served.scoredAt() + rule.after().toMillis();
            context.timerService().registerProcessingTimeTimer(Math.max(lasted, catchingUp));
        }
    }

    /** Believing what silence says, if it has lasted. */
    private KnownRequest hearSilence(KnownRequest request, long now) {
        GivenAnswer served = request.served();
        if (served == null || request.believed() != null) {
            return request;
        }
        Silence rule = plans.of(served.model()).silence();
        return rule != null
                        && served.letThroughAs(rule.label())
                        && now >= served.scoredAt() + rule.after().toMillis()
                ? request.believing(GivenLabel.nothing(served, rule))
                : request;
    }

    @Override
    public void processElement2(GivenLabel label, Context context, Collector<Observation> out) throws Exception {
        KnownRequest request = known();
        if (request.believed() != null && !label.overrules(request.believed())) {
            return;
        }
        KnownRequest believing = request.believing(label);
        if (request.served() == null && request.believed() == null) {
            context.timerService()
                    .registerProcessingTimeTimer(context.timerService().currentProcessingTime() + unknown.toMillis());
        }
        requests.update(handIn(believing, context, settling.toMillis(), out));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Observation> out) throws Exception {
        KnownRequest request = hearSilence(known(), timestamp);
        if (request.believed() == null) {
            return;
        }
        if (request.served() != null) {
            requests.update(handIn(request, context, 0, out));
            return;
        }
        counters(request.believed().pipeline()).unknown();
        if (request.beside() == null) {
            requests.clear();
        } else {
            requests.update(request.believing(null));
        }
    }

    /** @param patienceMillis how long to wait for a shadow's answer */
    private KnownRequest handIn(
            KnownRequest request, Context context, long patienceMillis, Collector<Observation> out) {
        GivenAnswer served = request.served();
        GivenLabel label = request.believed();
        if (served == null || label == null) {
            return request;
        }
        long now = context.timerService().currentProcessingTime();
        long age = now - served.scoredAt();
        GivenLabel told = request.told();
        if (told != null) {
            if (told.label().equals(label.label())) {
                return request;
            }
            counters(served.pipeline()).overruled();
            GivenAnswer shadow = request.toldOfPair() ? request.pair() : null;
            out.collect(new Observation(served, shadow, label, told, request.toldAt(), age));
            return request.toldOtherwise(label);
        }
        long immatureMillis =
                plans.of(served.model()).maturity().of(label.source()).toMillis() - age;
        long waitMillis = Math.max(immatureMillis, request.mayBeShadowed() ? patienceMillis : 0);
        if (waitMillis > 0) {
            context.timerService().registerProcessingTimeTimer(now + waitMillis);
            return request;
        }
        counters(served.pipeline()).labelled();
        out.collect(new Observation(served, request.pair(), label, null, 0, age));
        return request.told(label, now);
    }

    private KnownRequest known() throws Exception {
        KnownRequest request = requests.value();
        return request == null ? KnownRequest.NOTHING : request;
    }

    JoinCounters counters(String pipeline) {
        return counters.computeIfAbsent(
                pipeline, added -> new JoinCounters(getRuntimeContext().getMetricGroup(), added));
    }
}
