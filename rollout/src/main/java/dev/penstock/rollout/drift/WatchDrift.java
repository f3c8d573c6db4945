package dev.penstock.rollout.drift;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Clock;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Watches the versions that serve: gathers what each sees until a window is full, and compares that with its reference, the
 * second input. Where nobody gave one, the first window is the reference of those after it. A drift begins with a window
 * in which something has drifted, and is over with one in which nothing has and nothing is worth a look. Keyed by model and
 * version. Evaluations and alerts go to {@link #WRITTEN}.
 */
public final class WatchDrift extends KeyedCoProcessFunction<String, Sketched, Sketched, DriftReport> {
    public static final OutputTag<OutputRecord> WRITTEN =
            new OutputTag<>("written-drift", TypeInformation.of(OutputRecord.class));

    private final int windowRows;
    private final RegistryConnection registry;
    private final Clock clock;

    private transient ValueState<WatchedVersion> versions;
    private transient AvroSerializer<Evaluation> evaluations;
    private transient AvroSerializer<Alert> alerts;
    private transient Counter raised;

    public WatchDrift(int windowRows, RegistryConnection registry, Clock clock) {
        this.windowRows = windowRows;
        this.registry = registry;
        this.clock = clock;
    }

    /** Of a version: what both inputs are keyed by. */
    public static String key(Sketched sketched) {
        return sketched.model() + "/" + sketched.version();
    }

    @Override
    public void open(OpenContext context) {
        versions = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("watched-version", TypeInformation.of(WatchedVersion.class)));
        evaluations = new AvroSerializer<>(registry.open());
        alerts = new AvroSerializer<>(registry.open());
        raised = getRuntimeContext()
                .getMetricGroup()
                .addGroup("code", AlertCode.DRIFT.name())
                .counter("alerts");
    }

    @Override
    public void processElement1(Sketched part, Context context, Collector<DriftReport> out) throws Exception {
        WatchedVersion version = known();
        Distributions gathered = version.window() == null ? new Distributions() : Distributions.of(version.window());
        gathered.add(part);
        Sketched window = gathered.sketched(part.model(), part.version());
        if (gathered.rows() < windowRows) {
            versions.update(version.gathering(window));
        } else if (version.reference() == null) {
            versions.update(version.withFirst(window));
        } else {
            compare(version, version.reference(), window, context, out);
        }
    }

    @Override
    public void processElement2(Sketched reference, Context context, Collector<DriftReport> out) throws Exception {
        versions.update(known().referringTo(reference));
    }

    private void compare(
            WatchedVersion version, Sketched reference, Sketched window, Context context, Collector<DriftReport> out)
            throws Exception {
        Comparison comparison = Comparison.of(Distributions.of(reference), Distributions.of(window));
        EvidenceVerdict verdict = comparison.verdict();
        boolean isDrifting = verdict == EvidenceVerdict.FAIL || (version.drifting() && verdict != EvidenceVerdict.PASS);
        versions.update(version.compared(isDrifting));
        String origin = version.announced()
                ? ""
                : ", the first requests that it served, since its announcement has no reference";
        String sentence = comparison.findings().isEmpty()
                ? "Nothing that is in both can be compared with the reference of %,d requests%s"
                        .formatted(reference.rows(), origin)
                : "Of %,d requests against the reference of %,d%s, '%s' changed most: %s"
                        .formatted(
                                window.rows(),
                                reference.rows(),
                                origin,
                                comparison.findings().get(0).name(),
                                comparison.findings().get(0).detail());
        Instant now = clock.instant();
        write(evaluation(window, comparison, verdict, now), context);
        boolean began = isDrifting && !version.drifting();
        if (began) {
            write(alert(window, sentence, now), context);
            raised.inc();
        }
        double largest = comparison.findings().stream()
                .mapToDouble(Comparison.Finding::index)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        out.collect(new DriftReport(
                window.model(),
                window.version(),
                verdict.name(),
                isDrifting,
                began,
                !isDrifting && version.drifting(),
                sentence,
                largest,
                now.toEpochMilli()));
    }

    private void write(Evaluation evaluation, Context context) {
        String topic = Topic.EVALUATIONS.topicName();
        context.output(
                WRITTEN,
                OutputRecord.of(
                        topic,
                        evaluation.getModel() + "/" + evaluation.getVersion(),
                        evaluations.serialize(topic, evaluation)));
    }

    private void write(Alert alert, Context context) {
        String topic = Topic.ALERTS.topicName();
        context.output(WRITTEN, OutputRecord.of(topic, alert.getModel(), alerts.serialize(topic, alert)));
    }

    private static Evaluation evaluation(Sketched window, Comparison comparison, EvidenceVerdict verdict, Instant now) {
        return Evaluation.newBuilder()
                .setModel(window.model())
                .setVersion(window.version())
                .setStage(RolloutStage.CHAMPION)
                .setShare(1)
                .setVerdict(verdict)
                .setChecks(comparison.findings().stream()
                        .map(Comparison.Finding::check)
                        .toList())
                .setWindowStart(Instant.ofEpochMilli(window.since()))
                .setEvaluatedAt(now)
                .build();
    }

    private static Alert alert(Sketched window, String sentence, Instant now) {
        return Alert.newBuilder()
                .setModel(window.model())
                .setModelVersion(window.version())
                .setCode(AlertCode.DRIFT)
                .setMessage(
                        "Version %d of model '%s' sees another world than it was judged on: %s. Nothing is promoted until that is over; look at what changed, and retrain"
                                .formatted(window.version(), window.model(), sentence))
                .setRaisedBy("rollout")
                .setRaisedAt(now)
                .build();
    }

    private WatchedVersion known() throws Exception {
        WatchedVersion version = versions.value();
        return version == null ? WatchedVersion.UNSEEN : version;
    }
}
