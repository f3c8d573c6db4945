package dev.penstock.bench.pieces;

import dev.penstock.bench.workloads.Workload;
import dev.penstock.bench.workloads.Workloads;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A workload's payloads and its model, loaded as a task loads it. */
@State(Scope.Benchmark)
public class Subject {
    /** Enough that no cache holds one and the same. */
    private static final int ROWS = 256;

    @Param({"dense", "fraud", "text", "image"})
    private String workload = "";

    private List<Object> payloads = List.of();
    private List<Example> rows = List.of();
    private @Nullable ServedModel served;
    private @Nullable Path directory;
    private int next;

    @Setup(Level.Trial)
    public void load() throws IOException {
        Workload chosen = Workloads.named(workload);
        Path made = Files.createTempDirectory("penstock-pieces-");
        directory = made;
        served = new ServedModel(
                announced(chosen),
                TensorFlowModel.load(chosen.build(made.resolve("bundle")), TensorFlowRuntime.inCallingThread()));
        List<Object> all = chosen.payloads();
        payloads = new ArrayList<>();
        rows = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            Object payload = all.get(row % all.size());
            payloads.add(payload);
            rows.add(((Prepared.Ready) model().prepare(payload)).example());
        }
    }

    private static ModelVersion announced(Workload workload) {
        return ModelVersion.newBuilder()
                .setModel(workload.name())
                .setVersion(1)
                .setModality(workload.modality())
                .setDigest("0123456789abcdef".repeat(4))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(new ArtifactLocation())
                .setPublishedAt(Instant.EPOCH)
                .build();
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        model().close();
        if (directory == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    String workload() {
        return workload;
    }

    ServedModel served() {
        if (served == null) {
            throw new IllegalStateException("Cannot measure before the model is loaded");
        }
        return served;
    }

    Model model() {
        return served().model();
    }

    /** Another at each call. */
    Object payload() {
        return payloads.get(next++ % ROWS);
    }

    /** @param size at most a quarter of the rows that there are */
    List<Example> batch(int size) {
        int from = next++ % 4 * (ROWS / 4);
        return rows.subList(Math.min(from, ROWS - size), Math.min(from, ROWS - size) + size);
    }
}
