package dev.penstock.bench.pieces;

import dev.penstock.bench.workloads.Workload;
import dev.penstock.bench.workloads.Workloads;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.requests.RequestReader;
import dev.penstock.inference.scoring.PredictionWriter;
import dev.penstock.models.Scores;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Avro at both ends: a request's bytes into a request for a pipeline, scores into a prediction's bytes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ReadingAndWriting {
    private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final PredictionWriter.Call CALL = new PredictionWriter.Call(250, SOME_TIME, 128);
    private static final int DECODE_MICROS = 3;
    private static final int ROWS = 32;

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://pieces");
    private final PredictionWriter writer = new PredictionWriter(registry);
    private final List<InputRecord> records = new ArrayList<>();
    private final List<Request.Addressed> requests = new ArrayList<>();
    private List<Scores> scores = List.of();
    private RequestReader reader = new RequestReader(registry, List.of());
    private int next;

    @Setup
    public void write(Subject subject) {
        Workload workload = Workloads.named(subject.workload());
        String topic = Topic.requestsOf(workload.modality()).topicName();
        reader = new RequestReader(
                registry,
                List.of(new PipelineBinding(
                        workload.name(),
                        workload.modality(),
                        workload.name(),
                        BatchLimits.usual(),
                        Delivery.AT_LEAST_ONCE)));
        AvroSerializer<InferenceRequest> avro = new AvroSerializer<>(registry);
        for (Object payload : workload.payloads()) {
            String id = Integer.toString(records.size());
            byte[] bytes = avro.serialize(
                    topic,
                    InferenceRequest.newBuilder()
                            .setRequestId(id)
                            .setPipeline(workload.name())
                            .setEntityId(id)
                            .setEventTime(SOME_TIME)
                            .setPayload(payload)
                            .setReceivedAt(SOME_TIME)
                            .build());
            InputRecord record = new InputRecord(topic, 3, records.size(), SOME_TIME.toEpochMilli(), null, bytes);
            records.add(record);
            requests.add((Request.Addressed) reader.read(record));
        }
        scores = subject.model().score(subject.batch(ROWS));
    }

    @Benchmark
    public Request readRequest() {
        return reader.read(records.get(next++ % records.size()));
    }

    @Benchmark
    public OutputRecord writePrediction(Subject subject) {
        int row = next++;
        return writer.write(
                requests.get(row % requests.size()),
                subject.served(),
                Variant.CHAMPION,
                scores.get(row % ROWS),
                DECODE_MICROS,
                CALL);
    }
}
