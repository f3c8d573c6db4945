package dev.penstock.rollout;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.deciding.DecideRollouts;
import dev.penstock.rollout.deciding.KnownRollouts;
import dev.penstock.rollout.deciding.Notice;
import dev.penstock.rollout.deciding.ReadNotices;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.rollout.drift.ReadReferences;
import dev.penstock.rollout.drift.SketchValues;
import dev.penstock.rollout.drift.Sketched;
import dev.penstock.rollout.drift.WatchDrift;
import dev.penstock.rollout.drift.WatchedValues;
import dev.penstock.rollout.joining.GivenAnswer;
import dev.penstock.rollout.joining.GivenLabel;
import dev.penstock.rollout.joining.JoinEvidence;
import dev.penstock.rollout.joining.Observation;
import dev.penstock.rollout.joining.ReadAnswers;
import dev.penstock.rollout.joining.ReadLabels;
import dev.penstock.rollout.plan.ModelPlans;
import dev.penstock.rollout.records.ReadRecords;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The whole graph: answers and labels are joined by request, what champions see is watched, and each model's rollout hears
 * of both, of announcements, of refusals and of commands. It knows no broker.
 */
public final class RolloutJob {
    private static final Set<RolloutAction> OBEYED =
            EnumSet.of(RolloutAction.PROMOTE, RolloutAction.ROLL_BACK, RolloutAction.PAUSE, RolloutAction.RESUME);

    /** They follow from decisions, which must not follow from them. */
    private static final String OWN_ALERTS = "rollout";

    private final RolloutConfig config;
    private final Pipelines pipelines;
    private final RegistryConnection registry;
    private final KnownRollouts known;
    private final Clock clock;
    private final List<DataStream<OutputRecord>> written = new ArrayList<>();

    RolloutJob(
            RolloutConfig config, Pipelines pipelines, RegistryConnection registry, KnownRollouts known, Clock clock) {
        this.config = config;
        this.pipelines = pipelines;
        this.registry = registry;
        this.known = known;
        this.clock = clock;
    }

    /** Where records come from. */
    interface Inputs {
        DataStream<InputRecord> of(Topic topic);
    }

    void define(Inputs inputs, Sink<OutputRecord> sink) {
        Set<String> names = pipelines.all().stream().map(Pipeline::name).collect(toUnmodifiableSet());
        SingleOutputStreamOperator<GivenAnswer> served =
                decode(inputs, Topic.PREDICTIONS, new ReadAnswers(names, models(), registry), GivenAnswer.class);
        DataStream<GivenAnswer> shadows =
                decode(inputs, Topic.SHADOW_PREDICTIONS, new ReadAnswers(names, models(), registry), GivenAnswer.class);
        DataStream<GivenLabel> labels =
                decode(inputs, Topic.FEEDBACK, new ReadLabels(names, registry), GivenLabel.class);
        DataStream<InputRecord> announcements = inputs.of(Topic.MODEL_VERSIONS);
        DataStream<Observation> observations = join(served.union(shadows), labels);
        DataStream<DriftReport> drift = watch(served.getSideOutput(ReadAnswers.WATCHED), announcements);
        decide(observations, notices(inputs, announcements, drift));
        DataStream<OutputRecord> all =
                written.stream().reduce((some, more) -> some.union(more)).orElseThrow();
        all.sinkTo(sink).name("write-rollouts").uid("write-rollouts");
    }

    private DataStream<Observation> join(DataStream<GivenAnswer> answers, DataStream<GivenLabel> labels) {
        RolloutConfig.Joining joining = config.joining();
        return answers.keyBy(JoinEvidence::key, Types.STRING)
                .connect(labels.keyBy(JoinEvidence::key, Types.STRING))
                .process(new JoinEvidence(plans(), joining.retention(), joining.unknown(), joining.settling()))
                .returns(TypeInformation.of(Observation.class))
                .name("join-evidence")
                .uid("join-evidence");
    }

    private DataStream<DriftReport> watch(DataStream<WatchedValues> values, DataStream<InputRecord> announcements) {
        int windowRows = config.drift().windowRows();
        DataStream<Sketched> parts = values.transform(
                        "sketch-values", TypeInformation.of(Sketched.class), new SketchValues(windowRows))
                .uid("sketch-values");
        SingleOutputStreamOperator<Sketched> references = announcements
                .process(new ReadReferences(models(), registry))
                .returns(TypeInformation.of(Sketched.class))
                .name("decode-references")
                .uid("decode-references");
        SingleOutputStreamOperator<DriftReport> reports = parts.keyBy(WatchDrift::key, Types.STRING)
                .connect(references.keyBy(WatchDrift::key, Types.STRING))
                .process(new WatchDrift(windowRows, registry, clock))
                .returns(TypeInformation.of(DriftReport.class))
                .name("watch-drift")
                .uid("watch-drift");
        written.add(reports.getSideOutput(WatchDrift.WRITTEN));
        return reports;
    }

    private DataStream<Notice> notices(
            Inputs inputs, DataStream<InputRecord> announcements, DataStream<DriftReport> drift) {
        DataStream<Notice> announced = decode(
                announcements,
                Topic.MODEL_VERSIONS,
                new ReadNotices<>(ModelVersion.class, registry, models(), ModelVersion::getModel, version -> true),
                Notice.class);
        SingleOutputStreamOperator<Notice> commanded = decode(
                inputs,
                Topic.ROLLOUT_COMMANDS,
                new ReadNotices<>(
                        RolloutCommand.class,
                        registry,
                        models(),
                        RolloutCommand::getModel,
                        command -> OBEYED.contains(command.getAction())),
                Notice.class);
        written.add(commanded.getSideOutput(ReadNotices.ANSWERS));
        DataStream<Notice> refused = decode(
                inputs,
                Topic.ALERTS,
                new ReadNotices<>(
                        Alert.class,
                        registry,
                        models(),
                        Alert::getModel,
                        alert -> alert.getCode() == AlertCode.VERSION_REFUSED
                                && alert.getModelVersion() != null
                                && !alert.getRaisedBy().equals(OWN_ALERTS)),
                Notice.class);
        DataStream<Notice> drifted = drift.map(Notice::of)
                .returns(TypeInformation.of(Notice.class))
                .name("tell-drift")
                .uid("tell-drift");
        return announced.union(commanded, refused, drifted);
    }

    private void decide(DataStream<Observation> observations, DataStream<Notice> notices) {
        written.add(observations
                .keyBy(Observation::model, Types.STRING)
                .connect(notices.keyBy(Notice::model, Types.STRING))
                .transform(
                        "decide-rollouts",
                        TypeInformation.of(OutputRecord.class),
                        new DecideRollouts(models(), plans(), config.tick(), registry, known))
                .uid("decide-rollouts"));
    }

    private <T> SingleOutputStreamOperator<T> decode(
            Inputs inputs, Topic topic, ReadRecords<?, T> reading, Class<T> type) {
        return decode(inputs.of(topic), topic, reading, type);
    }

    private <T> SingleOutputStreamOperator<T> decode(
            DataStream<InputRecord> records, Topic topic, ReadRecords<?, T> reading, Class<T> type) {
        String name = "decode-" + topic.topicName();
        SingleOutputStreamOperator<T> decoded = records.process(reading)
                .returns(TypeInformation.of(type))
                .name(name)
                .uid(name);
        written.add(decoded.getSideOutput(ReadRecords.DEAD_LETTERS));
        return decoded;
    }

    /** Of no other is anything kept: whoever may write into a topic can invent names. */
    private Set<String> models() {
        return pipelines.all().stream().map(Pipeline::model).collect(toUnmodifiableSet());
    }

    private ModelPlans plans() {
        return config.plans().resolved();
    }
}
