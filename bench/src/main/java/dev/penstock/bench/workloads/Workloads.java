package dev.penstock.bench.workloads;

import java.util.List;
import java.util.stream.Collectors;

/** All there are. */
public final class Workloads {
    private static final List<Workload> ALL = List.of(
            new DenseNetwork(),
            new ImageNetwork(),
            new TextNetwork(),
            new FraudNetwork(),
            // Ten times the weights of the first, and no larger records.
            new DenseNetwork("dense-x10", 784, 350),
            // A hundred times the record, and in both so few weights that moving it is what counts.
            new DenseNetwork("record-x1", 78, 4),
            new DenseNetwork("record-x100", 7_840, 4));

    private Workloads() {}

    public static List<String> names() {
        return ALL.stream().map(Workload::name).toList();
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Workload named(String name) {
        return ALL.stream()
                .filter(workload -> workload.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("Cannot measure workload '%s': there are %s"
                        .formatted(name, names().stream().collect(Collectors.joining(", ")))));
    }
}
