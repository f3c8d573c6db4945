package dev.penstock.bench.pieces;

import dev.penstock.bench.workloads.Workload;
import dev.penstock.bench.workloads.Workloads;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Avro at both ends: a request's bytes into a record, a prediction into bytes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0")
@State(Scope.Benchmark)
public class ReadingAndWriting {
    private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00.123Z");
    private static final String PREDICTIONS = Topic.PREDICTIONS.topicName();

    @Param({"dense", "fraud", "text", "image"})
    private String workload = "";

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://pieces");
    private final AvroDeserializer<InferenceRequest> deserializer =
            AvroDeserializer.of(registry, InferenceRequest.class);
    private final AvroSerializer<Prediction> serializer = new AvroSerializer<>(registry);
    private final Prediction prediction = prediction();
    private final List<byte[]> requests = new ArrayList<>();
    private String topic = "";
    private int next;

    @Setup
    public void write() {
        Workload chosen = Workloads.named(workload);
        topic = Topic.requestsOf(chosen.modality()).topicName();
        AvroSerializer<InferenceRequest> writer = new AvroSerializer<>(registry);
        for (Object payload : chosen.payloads()) {
            String id = Integer.toString(requests.size());
            byte[] bytes = writer.serialize(
                    topic,
                    InferenceRequest.newBuilder()
                            .setRequestId(id)
                            .setPipeline(workload)
                            .setEntityId(id)
                            .setEventTime(SOME_TIME)
                            .setPayload(payload)
                            .setReceivedAt(SOME_TIME)
                            .build());
            requests.add(bytes == null ? new byte[0] : bytes);
        }
    }

    private static Prediction prediction() {
        return Prediction.newBuilder()
                .setPredictionId("f81d4fae-7dec-51d0-a765-00a0c91e6bf6")
                .setRequestId("request-4711")
                .setPipeline("fraud")
                .setEntityId("card-4711")
                .setEventTime(SOME_TIME)
                .setOrigin(new Origin("requests.record", 3, 42L))
                .setAttributes(Map.of())
                .setModel("fraud")
                .setModelVersion(3)
                .setBundleDigest("0123456789abcdef".repeat(4))
                .setVariant(Variant.CHAMPION)
                .setOutcome(new Decision("genuine", 0.97, List.of("genuine")))
                .setScores(Map.of("fraud", 0.03f, "genuine", 0.97f))
                .setThreshold(0.5)
                .setPolicyVersion(1)
                .setTiming(Timing.newBuilder()
                        .setReceivedAt(SOME_TIME)
                        .setRequestedAt(SOME_TIME)
                        .setScoredAt(SOME_TIME)
                        .setDecodeMicros(3)
                        .setScoreMicros(250)
                        .build())
                .build();
    }

    @Benchmark
    public @Nullable InferenceRequest readRequest() {
        return deserializer.deserialize(topic, requests.get(next++ % requests.size()));
    }

    @Benchmark
    public byte @Nullable [] writePrediction() {
        return serializer.serialize(PREDICTIONS, prediction);
    }
}
