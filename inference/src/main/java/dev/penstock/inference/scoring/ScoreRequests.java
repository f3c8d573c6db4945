package dev.penstock.inference.scoring;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.records.RegistryConnection;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.inference.versions.VersionLookup;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Gives every request its one outcome with the version that serves at that moment. The second input announces
 * versions: they are loaded beside the task and take over between two records.
 *
 * <p>Requests for a model without any version wait, in the checkpoint too. When too many wait, the task stops reading:
 * back-pressure reaches the source, and Kafka keeps the rest. The second input cannot be read either then, so the task
 * asks for the missing versions itself.
 */
public final class ScoreRequests extends AbstractStreamOperator<OutputRecord>
        implements TwoInputStreamOperator<InputRecord, InputRecord, OutputRecord> {
    private static final ListStateDescriptor<InputRecord> WAITING =
            new ListStateDescriptor<>("waiting-requests", TypeInformation.of(InputRecord.class));
    private static final MapStateDescriptor<String, byte[]> VERSIONS = new MapStateDescriptor<>(
            "model-versions", TypeInformation.of(String.class), TypeInformation.of(byte[].class));
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final Settings settings;
    private final MailboxExecutor mailbox;

    private transient WaitingRoom waiting;
    private transient RequestReader reader;
    private transient RequestScorer scorer;
    private transient ServedModels models;
    private transient AvroDeserializer<ModelVersion> versionReader;
    private transient AvroSerializer<ModelVersion> versionWriter;
    private transient AvroSerializer<Alert> alertWriter;
    private transient ListState<InputRecord> waitingState;
    private transient BroadcastState<String, byte[]> versionState;
    private transient Counter predictions;
    private transient Counter deadLetters;
    private transient Set<ModelVersion> misplaced;
    private transient boolean lookingUp;
    private transient boolean saidFull;

    /**
     * Everything that the operator is made of; shipped to where it runs.
     *
     * @param modality of the requests topic that this operator reads
     * @param pipelines all there are, of every modality, so that a stray request can be told what it is
     */
    public record Settings(
            Modality modality,
            List<PipelineBinding> pipelines,
            RegistryConnection registry,
            ModelLoader loader,
            VersionLookup lookup,
            int waitingRecords,
            long waitingBytes,
            Clock clock)
            implements Serializable {
        public Settings {
            pipelines = List.copyOf(pipelines);
        }
    }

    ScoreRequests(StreamOperatorParameters<OutputRecord> parameters, Settings settings) {
        super(parameters);
        this.settings = settings;
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        waitingState = context.getOperatorStateStore().getListState(WAITING);
        versionState = context.getOperatorStateStore().getBroadcastState(VERSIONS);
    }

    @Override
    public void open() throws Exception {
        super.open();
        SchemaRegistry registry = settings.registry().open();
        waiting = new WaitingRoom(new WaitingRoom.Limits(settings.waitingRecords(), settings.waitingBytes()));
        reader = new RequestReader(
                registry,
                settings.pipelines().stream().collect(Collectors.toMap(PipelineBinding::pipeline, each -> each)));
        scorer = new RequestScorer(new AvroSerializer<>(registry), settings.clock());
        versionReader = AvroDeserializer.of(registry, ModelVersion.class);
        versionWriter = new AvroSerializer<>(registry);
        alertWriter = new AvroSerializer<>(registry);
        predictions = getMetricGroup().counter("predictions");
        deadLetters = getMetricGroup().counter("dead-letters");
        getMetricGroup().gauge("waiting-requests", waiting::size);
        misplaced = new HashSet<>();
        models = new ServedModels(
                settings.loader(),
                settings.lookup(),
                loadingThread(),
                command -> mailbox.execute(command::run, "model versions"),
                RETRY_PAUSE,
                new Listener());
        List<ModelVersion> versions = new ArrayList<>();
        for (Map.Entry<String, byte[]> version : versionState.immutableEntries()) {
            read(version.getValue()).ifPresent(versions::add);
        }
        // The best first, so that it is the first to be loaded.
        versions.sort(Comparator.comparing(ModelVersion::getVersion).reversed());
        versions.forEach(this::announce);
        for (InputRecord request : waitingState.get()) {
            resume(request);
        }
    }

    @Override
    public void processElement1(StreamRecord<InputRecord> element) throws InterruptedException {
        handle(element.getValue());
    }

    @Override
    public void processElement2(StreamRecord<InputRecord> element) {
        read(element.getValue().value()).ifPresent(this::announce);
    }

    /** The inputs have ended: whoever waits for a version that is on its way is answered still. */
    @Override
    public void finish() throws Exception {
        while (waiting.models().stream().anyMatch(models::isAwaiting)) {
            mailbox.yield();
        }
        if (waiting.size() > 0) {
            LOG.warn(
                    "Ending with {} unanswered requests: models {} have no version; they stay in the last checkpoint",
                    waiting.size(),
                    waiting.models());
        }
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        waitingState.update(waiting.all());
        versionState.clear();
        for (ModelVersion version : models.worthKeeping()) {
            versionState.put(
                    version.getModel() + "/" + version.getVersion(),
                    versionWriter.serialize(Topic.MODEL_VERSIONS.topicName(), version));
        }
    }

    @Override
    public void close() throws Exception {
        try {
            if (models != null) {
                models.close();
            }
        } finally {
            super.close();
        }
    }

    private void handle(InputRecord record) throws InterruptedException {
        Optional<Request.Addressed> request = addressed(record);
        if (request.isPresent()) {
            score(request.get());
        }
    }

    /** A request that waited before a restart waits again, even beyond the limits: it is in memory already. */
    private void resume(InputRecord record) {
        addressed(record).ifPresent(request -> waiting.add(request.pipeline().model(), record));
    }

    /** Empty for what is not a request that can be served; then its dead letter is written. */
    private Optional<Request.Addressed> addressed(InputRecord record) {
        Request request = reader.read(record);
        if (request instanceof Request.Undeliverable undeliverable) {
            emitDeadLetter(undeliverable.deadLetter());
            return Optional.empty();
        }
        if (request instanceof Request.Addressed addressed) {
            return Optional.of(addressed);
        }
        throw new IllegalStateException("Cannot handle unknown request: " + request);
    }

    private void score(Request.Addressed request) throws InterruptedException {
        String model = request.pipeline().model();
        while (models.serving(model).isEmpty() && waiting.isFull()) {
            lookUpMissing(model);
            // Runs what the loading thread hands over; nothing else of this task's goes on meanwhile.
            mailbox.yield();
        }
        Optional<ServedModel> served = models.serving(model);
        if (served.isPresent()) {
            emit(scorer.score(request, served.get()));
        } else {
            waiting.add(model, request.record());
        }
    }

    private void lookUpMissing(String model) {
        if (!saidFull) {
            saidFull = true;
            raise(
                    model,
                    null,
                    AlertCode.WAITING_FOR_MODEL,
                    "%d requests wait and no more are read: model '%s' has no version that serves; publish one"
                            .formatted(waiting.size(), model));
        }
        if (!lookingUp && !models.isLoading(model)) {
            lookingUp = true;
            models.lookUp(model, versions -> {
                lookingUp = false;
                versions.forEach(this::announce);
            });
        }
    }

    private Optional<ModelVersion> read(byte @Nullable [] announcement) {
        try {
            return Optional.ofNullable(versionReader.deserialize(Topic.MODEL_VERSIONS.topicName(), announcement));
        } catch (MalformedRecordException | UnknownSchemaException e) {
            LOG.warn("Ignoring an announcement that cannot be read: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private void announce(ModelVersion version) {
        if (!isAskedFor(version.getModel())) {
            return;
        }
        if (version.getModality() == settings.modality()) {
            models.announce(version);
        } else if (misplaced.add(version)) {
            raise(
                    version.getModel(),
                    version.getVersion(),
                    AlertCode.VERSION_REFUSED,
                    "Version %d of model '%s' reads %s, but its pipelines carry %s"
                            .formatted(
                                    version.getVersion(),
                                    version.getModel(),
                                    version.getModality(),
                                    settings.modality()));
        }
    }

    private boolean isAskedFor(String model) {
        return settings.pipelines().stream()
                .anyMatch(pipeline -> pipeline.modality() == settings.modality()
                        && pipeline.model().equals(model));
    }

    private final class Listener implements ServedModels.Listener {
        @Override
        public void serves(ModelVersion version) {
            saidFull = false;
            ServedModel served = models.serving(version.getModel()).orElseThrow();
            for (InputRecord record : waiting.leave(version.getModel())) {
                addressed(record).ifPresent(request -> emit(scorer.score(request, served)));
            }
        }

        @Override
        public void refused(ModelVersion version, String reason) {
            raise(
                    version.getModel(),
                    version.getVersion(),
                    AlertCode.VERSION_REFUSED,
                    "Version %d of model '%s' is refused: %s"
                            .formatted(version.getVersion(), version.getModel(), reason));
        }
    }

    private void raise(String model, @Nullable Integer version, AlertCode code, String message) {
        Alert alert = Alert.newBuilder()
                .setModel(model)
                .setModelVersion(version)
                .setCode(code)
                .setMessage(message)
                .setRaisedBy("inference")
                .setRaisedAt(settings.clock().instant())
                .build();
        String topic = Topic.ALERTS.topicName();
        output.collect(new StreamRecord<>(OutputRecord.of(topic, model, alertWriter.serialize(topic, alert))));
    }

    private void emit(OutputRecord outcome) {
        if (outcome.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            emitDeadLetter(outcome);
            return;
        }
        predictions.inc();
        output.collect(new StreamRecord<>(outcome));
    }

    private void emitDeadLetter(OutputRecord deadLetter) {
        deadLetters.inc();
        output.collect(new StreamRecord<>(deadLetter));
    }

    private static ScheduledExecutorService loadingThread() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "model-loading");
            thread.setDaemon(true);
            return thread;
        });
    }
}
