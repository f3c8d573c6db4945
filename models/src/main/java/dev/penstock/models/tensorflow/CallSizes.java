package dev.penstock.models.tensorflow;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.OutputSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How many rows a call should have, as it was measured in this process before. Versions of a model mostly have one graph,
 * and the tasks of a process one version: what was found out for one holds for the next, and the processors are left to
 * those that serve. Thread-safe.
 */
final class CallSizes {
    private static final int MOST_KEPT = 256;

    private final Map<Subject, Integer> measured = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, Integer> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /**
     * What a call's cost goes by, apart from the machine.
     *
     * @param graph its digest
     * @param most rows that there will be at a time
     */
    record Subject(String graph, String signature, List<InputSpec> inputs, List<OutputSpec> outputs, int most) {}

    synchronized OptionalInt of(Subject subject) {
        Integer known = measured.get(subject);
        return known == null ? OptionalInt.empty() : OptionalInt.of(known);
    }

    synchronized void keep(Subject subject, int rows) {
        measured.put(subject, rows);
    }
}
