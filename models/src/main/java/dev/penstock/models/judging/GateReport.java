package dev.penstock.models.judging;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the gates found.
 *
 * @param candidate how good the new version is
 * @param serving how good the version is that it was compared with; empty if there is none
 * @param contradictions where labels contradict the serving version, highest shares first: by who said so, and by slice
 */
public record GateReport(
        List<Gate> gates, Quality candidate, Optional<Quality> serving, List<Contradiction> contradictions) {
    public GateReport {
        gates = List.copyOf(gates);
        contradictions = List.copyOf(contradictions);
    }

    public boolean passed() {
        return gates.stream().allMatch(Gate::passed);
    }

    /** A sentence for each gate that was not passed; empty if all were. */
    public List<String> refusals() {
        return gates.stream()
                .filter(gate -> !gate.passed())
                .map(gate -> "%s: %s".formatted(gate.name(), gate.sentence()))
                .toList();
    }

    /** The same with further gates. */
    public GateReport with(List<Gate> further) {
        List<Gate> all = new ArrayList<>(gates);
        all.addAll(further);
        return new GateReport(all, candidate, serving, contradictions);
    }

    /** Every gate's figures as a model card has metrics, by gate and name. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new TreeMap<>(candidate.metrics());
        serving.ifPresent(quality -> quality.metrics().forEach((name, value) -> metrics.put("serving." + name, value)));
        for (Gate gate : gates) {
            metrics.put("gate.%s.passed".formatted(gate.name()), gate.passed() ? 1.0 : 0.0);
            gate.figures().forEach((name, value) -> {
                if (Double.isFinite(value)) {
                    metrics.put("gate.%s.%s".formatted(gate.name(), name), Math.rint(value * 1e6) / 1e6);
                }
            });
        }
        return metrics;
    }
}
