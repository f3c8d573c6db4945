package dev.penstock.rollout.deciding;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.records.ReadRecords;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Finds out which model a record is about, and passes its bytes on if a pipeline asks that model. A command about another is
 * answered here: {@link #ANSWERS}.
 */
public final class ReadNotices<T extends SpecificRecord & GenericContainer> extends ReadRecords<T, Notice> {
    /** Of {@code rollout-history}: commands about models that no pipeline asks. */
    public static final OutputTag<OutputRecord> ANSWERS =
            new OutputTag<>("answers-to-commands", TypeInformation.of(OutputRecord.class));

    private static final int LONGEST_COMMAND_ID = 256;

    private final RegistryConnection registry;
    private final Set<String> models;
    private final ModelOf<T> modelOf;
    private final Filter<T> filter;

    /** The model that a record is about. */
    public interface ModelOf<T> extends Serializable {
        String of(T value);
    }

    /** Whether a record concerns the job. */
    public interface Filter<T> extends Serializable {
        boolean concerns(T value);
    }

    /** @param models that pipelines ask */
    public ReadNotices(
            Class<T> type, RegistryConnection registry, Set<String> models, ModelOf<T> modelOf, Filter<T> filter) {
        super(type, registry);
        this.registry = registry;
        this.models = Set.copyOf(models);
        this.modelOf = modelOf;
        this.filter = filter;
    }

    private OutputRecord declined(RolloutCommand command) {
        String model = command.getModel();
        RolloutEvent event = RolloutEvent.newBuilder()
                .setModel(model)
                .setVersion(command.getVersion() == null ? 1 : command.getVersion())
                .setStage(RolloutStage.UNKNOWN)
                .setShare(0)
                .setHappenedAt(command.getGivenAt())
                .setBecause("Cannot %s: no pipeline of this job asks model '%s', but %s; add one to pipelines.yaml"
                        .formatted(
                                command.getAction()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', ' '),
                                model,
                                new TreeSet<>(models)))
                .setActor(command.getActor())
                .setCommandId(command.getCommandId())
                .build();
        String topic = Topic.ROLLOUT_HISTORY.topicName();
        return OutputRecord.of(topic, model, new AvroSerializer<RolloutEvent>(registry.open()).serialize(topic, event));
    }

    /** Ids are kept, so that each command is obeyed once. */
    private static void check(RolloutCommand command) throws UnusableException {
        int length = command.getCommandId().length();
        if (length > LONGEST_COMMAND_ID) {
            throw new UnusableException(
                    DeadLetterCode.INVALID_ID,
                    "Cannot obey a command whose id has %d characters: use %d or fewer"
                            .formatted(length, LONGEST_COMMAND_ID));
        }
    }

    @Override
    protected void read(InputRecord record, T value, Context context, Collector<Notice> out) throws UnusableException {
        String model = modelOf.of(value);
        if (model.isEmpty()) {
            throw new UnusableException(
                    DeadLetterCode.INVALID_ID,
                    "Cannot use a record of topic '%s' that names no model".formatted(record.topic()));
        }
        if (filter.concerns(value)) {
            if (value instanceof RolloutCommand command) {
                check(command);
            }
            if (!models.contains(model)) {
                leaveOutUnknownModel();
                if (value instanceof RolloutCommand command) {
                    context.output(ANSWERS, declined(command));
                }
                return;
            }
            out.collect(Notice.of(model, record.topic(), Objects.requireNonNull(record.value())));
        }
    }
}
