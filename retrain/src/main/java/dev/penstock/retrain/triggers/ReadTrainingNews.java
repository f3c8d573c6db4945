package dev.penstock.retrain.triggers;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Finds what matters to the training of our models in the topics that say it; the rest stays out of the job. Who commands
 * the training of another is answered here: {@link #ANSWERS}.
 */
public final class ReadTrainingNews extends ProcessFunction<InputRecord, TrainingNews> {
    /** Of {@code training-runs}: commands about models that no pipeline asks. */
    public static final OutputTag<OutputRecord> ANSWERS =
            new OutputTag<>("answers-to-commands", TypeInformation.of(OutputRecord.class));

    private static final char SEPARATOR = '\u001f';

    private final RegistryConnection registry;
    private final Set<String> models;

    private transient Map<String, Reader> readers;
    private transient Counter unreadable;
    private transient Counter ofUnknownModels;
    private transient AvroDeserializer<RolloutCommand> commands;
    private transient CommandAnswers answers;

    /** Reads records of one topic. */
    private interface Reader {
        Optional<TrainingNews> read(InputRecord record);
    }

    /** What a record of one type says. */
    private interface Meaning<T> {
        Optional<TrainingNews> of(T value, InputRecord record);
    }

    /** @param models to train */
    public ReadTrainingNews(RegistryConnection registry, Set<String> models) {
        this.registry = registry;
        this.models = Set.copyOf(models);
    }

    @Override
    public void open(OpenContext context) {
        SchemaRegistry opened = registry.open();
        unreadable = getRuntimeContext().getMetricGroup().counter("unreadable-records");
        ofUnknownModels = getRuntimeContext().getMetricGroup().counter("records-of-unknown-models");
        commands = AvroDeserializer.of(opened, RolloutCommand.class);
        answers = new CommandAnswers(opened);
        readers = new HashMap<>();
        read(opened, Topic.LABELLED_EXAMPLES, LabelledExample.class, ReadTrainingNews::example);
        read(
                opened,
                Topic.ALERTS,
                Alert.class,
                (alert, record) -> alert.getCode() == AlertCode.DRIFT
                        ? news(alert.getModel(), Kind.ALERT, record)
                        : Optional.empty());
        read(opened, Topic.ROLLOUT_COMMANDS, RolloutCommand.class, (command, record) -> {
            RolloutAction action = command.getAction();
            return action == RolloutAction.TRAIN || action == RolloutAction.CANCEL_TRAINING
                    ? news(command.getModel(), Kind.COMMAND, record)
                    : Optional.empty();
        });
        read(
                opened,
                Topic.ROLLOUTS,
                RolloutState.class,
                (state, record) -> news(state.getModel(), Kind.ROLLOUT, record));
        read(
                opened,
                Topic.MODEL_VERSIONS,
                ModelVersion.class,
                (version, record) -> news(version.getModel(), Kind.VERSION, record));
        read(opened, Topic.TRAINING_RUNS, TrainingRun.class, (run, record) -> news(run.getModel(), Kind.RUN, record));
    }

    private <T extends SpecificRecord & org.apache.avro.generic.GenericContainer> void read(
            SchemaRegistry opened, Topic topic, Class<T> type, Meaning<T> meaning) {
        AvroDeserializer<T> deserializer = AvroDeserializer.of(opened, type);
        readers.put(topic.topicName(), record -> {
            T value = deserializer.deserialize(record.topic(), record.value());
            return value == null ? Optional.empty() : meaning.of(value, record);
        });
    }

    private static Optional<TrainingNews> example(LabelledExample example, InputRecord record) {
        return Optional.of(new TrainingNews(
                example.getModel(),
                Kind.EXAMPLE,
                record.partition(),
                record.offset(),
                example.getPipeline() + SEPARATOR + example.getRequestId(),
                LabelSource.of(example.getSource(), example.getSaidBy()),
                null));
    }

    private static Optional<TrainingNews> news(String model, Kind kind, InputRecord record) {
        return Optional.of(new TrainingNews(model, kind, record.partition(), record.offset(), "", "", record.value()));
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<TrainingNews> out) {
        Reader reader = readers.get(record.topic());
        if (reader == null) {
            throw new IllegalStateException(
                    "Cannot read topic '%s' here: it is none of %s".formatted(record.topic(), readers.keySet()));
        }
        try {
            Optional<TrainingNews> news = reader.read(record);
            if (news.isPresent() && !models.contains(news.get().model())) {
                ofUnknownModels.inc();
                if (news.get().kind() == Kind.COMMAND) {
                    decline(record, context);
                }
            } else {
                news.ifPresent(out::collect);
            }
        } catch (MalformedRecordException | UnknownSchemaException e) {
            unreadable.inc();
        }
    }

    private void decline(InputRecord record, Context context) {
        RolloutCommand command = Objects.requireNonNull(commands.deserialize(record.topic(), record.value()));
        context.output(
                ANSWERS,
                answers.nothing(
                        command.getModel(),
                        TrainingPhase.FAILED,
                        "Cannot %s model '%s': no pipeline of this job asks it, but %s; add one to pipelines.yaml"
                                .formatted(
                                        command.getAction() == RolloutAction.TRAIN ? "train" : "cancel a training of",
                                        command.getModel(),
                                        new TreeSet<>(models)),
                        List.of(command.getCommandId()),
                        command.getGivenAt()));
    }

    long unknownModels() {
        return ofUnknownModels.getCount();
    }
}
