package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.Watch;
import dev.penstock.rollout.plan.RolloutPlan;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How often the labels of each source and slice contradict the champion, to notice when some do far more often than they
 * did before or, where they are new, than all others do.
 *
 * <p>What is expected of a group is its own past, plus by how much everybody else contradicts more than in theirs: where
 * the world has changed and the champion is wrong more often, nobody is suspected for saying so. The test of each group is
 * a {@link Watch} whose threshold moves with what is expected; since that is estimated, its level is approximate, which a
 * promotion that waits for a person can bear.
 */
final class LabelLedger {
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final Map<String, String> suspicious = new LinkedHashMap<>();
    private long counted;
    private long overruled;

    private static final class Group {
        private long pastLabels;
        private long pastContradictions;
        private long labels;
        private long contradictions;
        private Watch watch;

        Group(int windowSize) {
            watch = newWatch(windowSize);
        }

        static Watch newWatch(int windowSize) {
            return Watch.above(0, Bounds.DIFFERENCE_OF_SHARES, windowSize);
        }
    }

    /**
     * @param names of the groups that the label is in
     * @param contradicts whether the champion had decided otherwise
     * @return the groups that are suspected from now on, with what was seen
     */
    Map<String, String> observe(List<String> names, boolean contradicts, RolloutPlan plan) {
        counted++;
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : names) {
            Group group = groups.computeIfAbsent(name, added -> new Group(plan.windowLabels()));
            Optional<Double> expected = expected(name, group, plan);
            if (expected.isPresent() && !suspicious.containsKey(name)) {
                double limit =
                        Math.min(0.999, expected.get() + plan.labelHealth().contradictionIncrease());
                group.watch.observe((contradicts ? 1 : 0) - limit, 1);
                if (group.watch.shows(plan.alpha() / shareOf(name))) {
                    String detail = "%.3f of %d labels of %s contradict the champion, where %.3f were expected"
                            .formatted(rate(group), group.pastLabels + group.labels, name, expected.get());
                    suspicious.put(name, detail);
                    found.put(name, detail);
                }
            }
            group.labels++;
            group.contradictions += contradicts ? 1 : 0;
            if (group.labels >= plan.windowLabels() && !suspicious.containsKey(name)) {
                group.pastLabels += group.labels;
                group.pastContradictions += group.contradictions;
                group.labels = 0;
                group.contradictions = 0;
            }
        }
        return found;
    }

    /** Of the groups of one kind, which share is this one's: the k-th has 1/(k(k+1)) of the level. */
    private double shareOf(String name) {
        int index = 1;
        for (String other : groups.keySet()) {
            if (other.equals(name)) {
                break;
            }
            index++;
        }
        return index * (index + 1.0);
    }

    private Optional<Double> expected(String name, Group group, RolloutPlan plan) {
        long least = plan.labelHealth().minimumLabels();
        String kind = kind(name);
        long othersPast = 0;
        long othersPastContradictions = 0;
        long othersNow = 0;
        long othersNowContradictions = 0;
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group other = entry.getValue();
            if (entry.getKey().equals(name) || !kind(entry.getKey()).equals(kind)) {
                continue;
            }
            othersPast += other.pastLabels;
            othersPastContradictions += other.pastContradictions;
            othersNow += other.labels;
            othersNowContradictions += other.contradictions;
        }
        if (group.pastLabels >= least) {
            double own = (double) group.pastContradictions / group.pastLabels;
            double rise = othersPast >= least && othersNow >= least / 4
                    ? (double) othersNowContradictions / othersNow - (double) othersPastContradictions / othersPast
                    : 0;
            return Optional.of(own + Math.max(0, rise));
        }
        long others = othersPast + othersNow;
        return others >= least
                ? Optional.of((double) (othersPastContradictions + othersNowContradictions) / others)
                : Optional.empty();
    }

    /** Sources are compared with sources, and values of an attribute with its other values. */
    private static String kind(String name) {
        int end = name.indexOf('=');
        return name.startsWith(Groups.SLICE) && end > 0 ? name.substring(0, end) : Groups.SOURCE;
    }

    private static double rate(Group group) {
        return group.labels > 0
                ? (double) group.contradictions / group.labels
                : (double) group.pastContradictions / Math.max(1, group.pastLabels);
    }

    /**
     * A label that had counted was changed.
     *
     * @return what was seen, if that happens too often from now on
     */
    Optional<String> overrule(RolloutPlan plan) {
        overruled++;
        String name = "overruled";
        if (counted < plan.labelHealth().minimumLabels()
                || overruled <= plan.labelHealth().overruled() * counted
                || suspicious.containsKey(name)) {
            return Optional.empty();
        }
        String detail =
                "%d labels were changed after they had counted, and %d counted meanwhile; the limit is %.3f of these"
                        .formatted(overruled, counted, plan.labelHealth().overruled());
        suspicious.put(name, detail);
        return Optional.of(detail);
    }

    Map<String, String> suspicious() {
        return suspicious;
    }

    Set<String> names() {
        return groups.keySet();
    }

    /** A person has looked: what was suspected is normal from now on. */
    void accept(RolloutPlan plan) {
        overruled = 0;
        counted = 0;
        for (String name : suspicious.keySet()) {
            Group group = groups.get(name);
            if (group != null) {
                // Its past is what it says now, so that it is compared with that.
                group.pastLabels = group.labels;
                group.pastContradictions = group.contradictions;
                group.labels = 0;
                group.contradictions = 0;
                group.watch = Group.newWatch(plan.windowLabels());
            }
        }
        suspicious.clear();
    }

    /** Another version is contradicted from now on. */
    void restart() {
        groups.clear();
        suspicious.clear();
        counted = 0;
        overruled = 0;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(counted);
        out.writeLong(overruled);
        out.writeInt(suspicious.size());
        for (Map.Entry<String, String> entry : suspicious.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue());
        }
        out.writeInt(groups.size());
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            out.writeUTF(entry.getKey());
            out.writeLong(group.pastLabels);
            out.writeLong(group.pastContradictions);
            out.writeLong(group.labels);
            out.writeLong(group.contradictions);
            group.watch.write(out);
        }
    }

    static LabelLedger read(DataInput in) throws IOException {
        LabelLedger ledger = new LabelLedger();
        ledger.counted = in.readLong();
        ledger.overruled = in.readLong();
        int suspects = in.readInt();
        for (int index = 0; index < suspects; index++) {
            ledger.suspicious.put(in.readUTF(), in.readUTF());
        }
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            String name = in.readUTF();
            Group group = new Group(1);
            group.pastLabels = in.readLong();
            group.pastContradictions = in.readLong();
            group.labels = in.readLong();
            group.contradictions = in.readLong();
            group.watch = Watch.read(in);
            ledger.groups.put(name, group);
        }
        return ledger;
    }
}
