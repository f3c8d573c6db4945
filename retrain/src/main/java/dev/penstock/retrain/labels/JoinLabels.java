package dev.penstock.retrain.labels;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Joins what was asked, what was decided and what it really was. Keyed by {@link LabelPart#key()}; the parts come in any
 * order, and each waits for the others until the retention is over.
 *
 * <p>Where a pipeline has a rule for silence, a timer by event time says when it has lasted long enough. It then is the lowest
 * of all words: whatever anybody says later is believed instead, and written as a correction is.
 *
 * <p>Of several labels the highest kind's counts, and of one kind the last word of who spoke first: nobody replaces what
 * others of his kind have said. One that changes what is believed is written as a new example of the same request, and
 * readers take the latest. An example is made from its parts alone, its time included:
 * what a restart writes again is the same, byte for byte.
 */
public final class JoinLabels extends KeyedProcessFunction<String, LabelPart, OutputRecord> {
    private final RegistryConnection registry;
    private final List<LearntPipeline> pipelines;
    private final LabelSettings settings;

    private transient AvroDeserializer<InferenceRequest> requests;
    private transient AvroDeserializer<Prediction> predictions;
    private transient AvroDeserializer<Feedback> feedback;
    private transient AvroSerializer<LabelledExample> examples;
    private transient Map<String, LearntPipeline> byName;
    private transient Map<String, LabelMetrics> metrics;

    private transient ValueState<String> pipelineOf;
    private transient ValueState<AskedRequest> asked;
    private transient ValueState<SeenDecision> decided;
    private transient ValueState<Said> believed;
    private transient ValueState<WrittenExample> written;
    /** When all of it is forgotten. */
    private transient ValueState<Long> keptUntil;
    /** Until when a decision is waited for; a moment of the past once that is over. */
    private transient ValueState<Long> patientUntil;
    /** Set once the request is forgotten: a label that comes until then is late, one that comes later unknown. */
    private transient ValueState<Long> rememberedUntil;
    /** By event time, from when on silence counts; gone once it is known what it says. */
    private transient ValueState<Long> silentFrom;

    /** @param pipelines those whose parts come here */
    public JoinLabels(RegistryConnection registry, List<LearntPipeline> pipelines, LabelSettings settings) {
        this.registry = registry;
        this.pipelines = List.copyOf(pipelines);
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        SchemaRegistry opened = registry.open();
        requests = AvroDeserializer.ofRequests(opened);
        predictions = AvroDeserializer.of(opened, Prediction.class);
        feedback = AvroDeserializer.of(opened, Feedback.class);
        examples = new AvroSerializer<>(opened);
        byName = new HashMap<>();
        metrics = new HashMap<>();
        for (LearntPipeline pipeline : pipelines) {
            byName.put(pipeline.name(), pipeline);
            metrics.put(pipeline.name(), new LabelMetrics(getRuntimeContext().getMetricGroup(), pipeline.name()));
        }
        pipelineOf = state("pipeline", String.class);
        asked = state("asked-request", AskedRequest.class);
        decided = state("seen-decision", SeenDecision.class);
        believed = state("believed-label", Said.class);
        written = state("written-example", WrittenExample.class);
        keptUntil = state("kept-until", Long.class);
        patientUntil = state("patient-until", Long.class);
        rememberedUntil = state("remembered-until", Long.class);
        silentFrom = state("silent-from", Long.class);
    }

    private <T> ValueState<T> state(String name, Class<T> type) {
        return getRuntimeContext().getState(new ValueStateDescriptor<>(name, TypeInformation.of(type)));
    }

    @Override
    public void processElement(LabelPart part, Context context, Collector<OutputRecord> out) throws Exception {
        switch (part.kind()) {
            case REQUEST -> ask(part, context);
            case DECISION -> decide(part, context);
            case LABEL -> say(part, context);
        }
        hearSilence(part.pipeline(), context);
        writeIfComplete(part.pipeline(), context, out);
    }

    LabelMetrics counted(String pipeline) {
        LabelMetrics counted = metrics.get(pipeline);
        if (counted == null) {
            throw new IllegalArgumentException(
                    "Cannot join labels of pipeline '%s': it is none of %s".formatted(pipeline, metrics.keySet()));
        }
        return counted;
    }

    private void ask(LabelPart part, Context context) throws Exception {
        if (asked.value() == null) {
            // Forgotten and asked again: it is another request with an old id.
            rememberedUntil.clear();
            asked.update(new AskedRequest(part.value(), part.timestamp()));
            keep(part.pipeline(), context);
            LearntPipeline pipeline = byName.get(part.pipeline());
            if (pipeline != null && pipeline.silence() != null) {
                long from = pipeline.silence().countsFrom(part.eventTime());
                silentFrom.update(from);
                context.timerService().registerEventTimeTimer(from);
            }
        }
    }

    /** Takes silence for a label, once it has lasted and it is known that the request was let through. */
    private void hearSilence(String name, Context context) throws Exception {
        Long from = silentFrom.value();
        AskedRequest request = asked.value();
        if (from == null || request == null || context.timerService().currentWatermark() < from) {
            return;
        }
        LearntPipeline pipeline = byName.get(name);
        Silence rule = pipeline == null ? null : pipeline.silence();
        SeenDecision decision = decided.value();
        if (rule == null || believed.value() != null) {
            silentFrom.clear();
        } else if (decision != null) {
            silentFrom.clear();
            if (decision.letThroughAs(rule.label())) {
                believed.update(Said.nothing(rule, from, request.readAt()));
                counted(name).silent.inc();
            } else {
                counted(name).censored.inc();
            }
        }
    }

    private void decide(LabelPart part, Context context) throws Exception {
        if (decided.value() == null && rememberedUntil.value() == null) {
            Prediction prediction = predictions.deserialize(Topic.PREDICTIONS.topicName(), part.value());
            if (prediction != null) {
                decided.update(SeenDecision.of(prediction, part.timestamp()));
                keepIfNew(part.pipeline(), context);
            }
        }
    }

    private void say(LabelPart part, Context context) throws Exception {
        LabelMetrics counted = counted(part.pipeline());
        counted.seen.inc();
        Feedback heard = feedback.deserialize(Topic.FEEDBACK.topicName(), part.value());
        if (heard == null || !Said.isLearntFrom(heard.getSource())) {
            counted.ofSystems.inc();
            return;
        }
        if (rememberedUntil.value() != null) {
            counted.late.inc();
            return;
        }
        Said said = Said.of(heard, part.timestamp());
        Said earlier = believed.value();
        if (earlier == null) {
            believed.update(said);
            keepIfNew(part.pipeline(), context);
        } else if (earlier.label().equals(said.label())) {
            counted.repeated.inc();
            if (said.overrules(earlier)) {
                believed.update(said);
            }
        } else if (said.overrules(earlier)) {
            counted.contradicting.inc();
            believed.update(said);
        } else if (said.disputes(earlier)) {
            counted.disputed.inc();
        } else {
            counted.overruled.inc();
        }
    }

    private void keepIfNew(String pipeline, Context context) throws Exception {
        if (keptUntil.value() == null) {
            keep(pipeline, context);
        }
    }

    private void keep(String pipeline, Context context) throws Exception {
        long until = context.timerService().currentProcessingTime()
                + settings.retention().toMillis();
        pipelineOf.update(pipeline);
        keptUntil.update(until);
        context.timerService().registerProcessingTimeTimer(until);
    }

    private void writeIfComplete(String name, Context context, Collector<OutputRecord> out) throws Exception {
        LearntPipeline pipeline = byName.get(name);
        AskedRequest request = asked.value();
        Said said = believed.value();
        SeenDecision decision = decided.value();
        if (pipeline == null
                || request == null
                || said == null
                || (decision == null && isWaitingForDecision(pipeline, context))) {
            return;
        }
        WrittenExample complete = WrittenExample.of(said, decision);
        if (!complete.equals(written.value())) {
            out.collect(write(pipeline, request, said, decision));
            written.update(complete);
            counted(name).written.inc();
        }
    }

    private boolean isWaitingForDecision(LearntPipeline pipeline, Context context) throws Exception {
        if (pipeline.isDecisionNeeded()) {
            return true;
        }
        long now = context.timerService().currentProcessingTime();
        Long until = patientUntil.value();
        if (until == null) {
            until = now + settings.decisionPatience().toMillis();
            patientUntil.update(until);
            context.timerService().registerProcessingTimeTimer(until);
        }
        return now < until;
    }

    private OutputRecord write(
            LearntPipeline pipeline, AskedRequest request, Said said, @Nullable SeenDecision decision) {
        InferenceRequest content = requests.deserialize(pipeline.name(), request.value());
        if (content == null) {
            throw new IllegalStateException(
                    "Cannot write an example of pipeline '%s': its request has no value".formatted(pipeline.name()));
        }
        long joinedAt = Math.max(request.readAt(), said.readAt());
        LabelledExample example = LabelledExample.newBuilder()
                .setRequestId(content.getRequestId())
                .setPipeline(pipeline.name())
                .setModel(pipeline.model())
                .setEntityId(content.getEntityId())
                .setEventTime(content.getEventTime())
                .setPayload(content.getPayload())
                .setFeatures(decision == null ? Map.of() : decision.features())
                .setAttributes(content.getAttributes())
                .setLabel(said.label())
                .setSource(said.kind())
                .setSaidBy(said.saidBy())
                .setSaidAt(Instant.ofEpochMilli(said.saidAt()))
                .setCertainty(said.certainty())
                .setWeight(decision == null ? 1 : decision.weight(settings.largestWeight()))
                .setModelVersion(decision == null ? null : decision.version())
                .setDecidedLabel(decision == null ? null : decision.label())
                .setLabelledAt(
                        Instant.ofEpochMilli(decision == null ? joinedAt : Math.max(joinedAt, decision.readAt())))
                .build();
        String topic = Topic.LABELLED_EXAMPLES.topicName();
        return OutputRecord.of(topic, content.getRequestId(), examples.serialize(topic, example));
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<OutputRecord> out) throws Exception {
        Long remembered = rememberedUntil.value();
        Long kept = keptUntil.value();
        String pipeline = pipelineOf.value();
        if (context.timeDomain() == TimeDomain.EVENT_TIME) {
            if (pipeline != null) {
                hearSilence(pipeline, context);
                writeIfComplete(pipeline, context, out);
            }
            return;
        }
        if (remembered != null && at >= remembered) {
            rememberedUntil.clear();
        } else if (kept != null && at >= kept) {
            forget(at, context);
        } else if (kept != null && pipeline != null) {
            writeIfComplete(pipeline, context, out);
        }
    }

    private void forget(long now, Context context) throws Exception {
        boolean wasAsked = asked.value() != null;
        LabelMetrics counted = metrics.get(String.valueOf(pipelineOf.value()));
        if (counted != null && believed.value() != null && written.value() == null) {
            (wasAsked ? counted.undecided : counted.unknown).inc();
        }
        pipelineOf.clear();
        asked.clear();
        decided.clear();
        believed.clear();
        written.clear();
        keptUntil.clear();
        patientUntil.clear();
        silentFrom.clear();
        if (wasAsked) {
            long until = now + settings.retention().toMillis();
            rememberedUntil.update(until);
            context.timerService().registerProcessingTimeTimer(until);
        }
    }
}
