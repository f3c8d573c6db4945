package dev.penstock.rollout.decisions;

import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.VersionStanding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where each version of one model stands, and which served before. For one thread at a time. */
final class Standings {
    private static final Set<RolloutStage> DONE =
            EnumSet.of(RolloutStage.RETIRED, RolloutStage.ROLLED_BACK, RolloutStage.REFUSED);
    private static final int DONE_REMEMBERED = 200;

    private final NavigableMap<Integer, Standing> standings = new TreeMap<>();
    /** The newest first. */
    private final Deque<Integer> formerChampions = new ArrayDeque<>();

    record Standing(RolloutStage stage, Instant since, String because) {}

    /** Of a version that was announced, and is not forgotten. */
    Optional<Standing> of(int version) {
        return Optional.ofNullable(standings.get(version));
    }

    /** {@link RolloutStage#UNKNOWN} of one that was never announced, or is forgotten. */
    RolloutStage stageOf(int version) {
        return of(version).map(Standing::stage).orElse(RolloutStage.UNKNOWN);
    }

    boolean knows(int version) {
        return standings.containsKey(version);
    }

    void put(int version, RolloutStage stage, Instant since, String because) {
        standings.put(version, new Standing(stage, since, because));
    }

    Optional<Integer> waiting() {
        return standings.entrySet().stream()
                .filter(entry -> entry.getValue().stage() == RolloutStage.WAITING)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Announced again, it would be tried as if it was new. */
    boolean mayBeForgotten(int version) {
        return !knows(version) && standings.tailMap(version, false).size() >= DONE_REMEMBERED;
    }

    /** Forgets the lowest of the versions that are done, beyond so many; who serves, served or is named in steps stays. */
    void forget(List<RolloutStep> steps) {
        Set<Integer> named = new HashSet<>(formerChampions);
        for (RolloutStep step : steps) {
            named.add(step.getChampion());
            if (step.getCandidate() != null) {
                named.add(step.getCandidate());
            }
        }
        List<Integer> done = standings.entrySet().stream()
                .filter(entry -> DONE.contains(entry.getValue().stage()))
                .map(Map.Entry::getKey)
                .filter(version -> !named.contains(version))
                .toList();
        if (done.size() > DONE_REMEMBERED) {
            standings.keySet().removeAll(done.subList(0, done.size() - DONE_REMEMBERED));
        }
    }

    // Who served before

    void served(int former) {
        formerChampions.remove(former);
        formerChampions.push(former);
    }

    void doesNotServe(int version) {
        formerChampions.remove(version);
    }

    /** To go back to: the champion before this one or, where there was none, the highest of the others. */
    Optional<Integer> successor(@Nullable Integer champion) {
        Optional<Integer> former = formerChampions.stream()
                .filter(version -> stageOf(version) == RolloutStage.RETIRED)
                .findFirst();
        return former.isPresent()
                ? former
                : standings.descendingMap().entrySet().stream()
                        .filter(entry -> !entry.getKey().equals(champion)
                                && entry.getValue().stage() != RolloutStage.REFUSED
                                && entry.getValue().stage() != RolloutStage.ROLLED_BACK)
                        .map(Map.Entry::getKey)
                        .findFirst();
    }

    // How it is published and kept

    /** Takes up what was written; what a checkpoint remembers of champions from before the steps stays below what they say. */
    void adopt(List<VersionStanding> written, List<RolloutStep> steps, int champion) {
        standings.clear();
        for (VersionStanding version : written) {
            put(version.getVersion(), version.getStage(), version.getSince(), version.getBecause());
        }
        steps.forEach(step -> served(step.getChampion()));
        doesNotServe(champion);
        formerChampions.retainAll(standings.keySet());
    }

    List<VersionStanding> published() {
        return standings.entrySet().stream()
                .map(entry -> VersionStanding.newBuilder()
                        .setVersion(entry.getKey())
                        .setStage(entry.getValue().stage())
                        .setSince(entry.getValue().since())
                        .setBecause(entry.getValue().because())
                        .build())
                .toList();
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(standings.size());
        for (Map.Entry<Integer, Standing> entry : standings.entrySet()) {
            out.writeInt(entry.getKey());
            out.writeUTF(entry.getValue().stage().name());
            out.writeLong(entry.getValue().since().toEpochMilli());
            LongText.write(out, entry.getValue().because());
        }
        out.writeInt(formerChampions.size());
        for (int former : formerChampions) {
            out.writeInt(former);
        }
    }

    static Standings read(DataInput in) throws IOException {
        Standings read = new Standings();
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            int version = in.readInt();
            RolloutStage stage = RolloutStage.valueOf(in.readUTF());
            Instant since = Instant.ofEpochMilli(in.readLong());
            read.put(version, stage, since, LongText.read(in));
        }
        int former = in.readInt();
        for (int index = 0; index < former; index++) {
            read.formerChampions.addLast(in.readInt());
        }
        return read;
    }
}
