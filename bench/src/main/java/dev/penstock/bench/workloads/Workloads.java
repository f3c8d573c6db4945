package dev.penstock.bench.workloads;

import java.util.List;
import java.util.stream.Collectors;

/** All there are. */
public final class Workloads {
    private static final List<Workload> ALL =
            List.of(new DenseNetwork(), new ImageNetwork(), new TextNetwork(), new FraudNetwork());

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
