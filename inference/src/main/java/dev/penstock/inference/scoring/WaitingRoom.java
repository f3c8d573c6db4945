package dev.penstock.inference.scoring;

import dev.penstock.flink.records.InputRecord;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/** Requests whose model has no version yet, in order of arrival. Bounded; one task owns it. */
final class WaitingRoom {
    private final Limits limits;
    private final Map<String, Queue<InputRecord>> byModel = new LinkedHashMap<>();
    private int records;
    private long bytes;

    /** The most that may wait in one task. */
    public record Limits(int records, long bytes) implements Serializable {}

    WaitingRoom(Limits limits) {
        this.limits = limits;
    }

    boolean isFull() {
        return records >= limits.records() || bytes >= limits.bytes();
    }

    /** Takes one in, even beyond the limits: whoever calls looks first. */
    void add(String model, InputRecord request) {
        byModel.computeIfAbsent(model, name -> new ArrayDeque<>()).add(request);
        records++;
        bytes += request.weight();
    }

    /** Lets all out that wait for the model. */
    List<InputRecord> leave(String model) {
        Queue<InputRecord> leaving = byModel.remove(model);
        if (leaving == null) {
            return List.of();
        }
        records -= leaving.size();
        leaving.forEach(request -> bytes -= request.weight());
        return List.copyOf(leaving);
    }

    Set<String> models() {
        return Set.copyOf(byModel.keySet());
    }

    int size() {
        return records;
    }

    List<InputRecord> all() {
        List<InputRecord> all = new ArrayList<>(records);
        byModel.values().forEach(all::addAll);
        return all;
    }
}
