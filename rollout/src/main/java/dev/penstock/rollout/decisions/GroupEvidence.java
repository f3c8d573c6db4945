package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bet;
import dev.penstock.rollout.evidence.Watch;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sources and slices that the labels of a trial come from: whose labels are left out, whether the candidate does harm
 * in one slice, and whether what it has shown would also be shown without any one of them.
 */
final class GroupEvidence {
    private final RolloutPlan plan;
    private final Map<String, Group> groups = new LinkedHashMap<>();

    private static final class Group {
        private long counted;
        private long leftOut;
        private boolean told;
        private final Watch harm;
        private final Bet without;

        Group(Watch harm, Bet without) {
            this.harm = harm;
            this.without = without;
        }

        /** Labels of a slice in SHADOW: both versions are compared there by these, and by none under traffic. */
        long inShadow() {
            return harm.whole().count();
        }
    }

    GroupEvidence(RolloutPlan plan) {
        this.plan = plan;
    }

    /** Of the sources and slices that labels came from. */
    Set<String> names() {
        return groups.keySet();
    }

    /**
     * Counts a label for its groups, unless its source has had its share: that depends on who speaks, not on what is said.
     *
     * @param names of the groups it is in, its source first
     * @param all what is bet on all labels: what a new group has missed was all without it
     */
    boolean admits(List<String> names, Bet all) {
        for (String name : names) {
            groups.computeIfAbsent(name, added -> begin(all));
        }
        Group source = groups.get(names.get(0));
        long counted = groups.entrySet().stream()
                .filter(entry -> isSource(entry.getKey()))
                .mapToLong(entry -> entry.getValue().counted)
                .sum();
        double largestShare = plan.labelHealth().largestShare();
        double room = largestShare * Math.max(plan.labelHealth().minimumLabels(), counted + 1);
        if (largestShare < 1 && isSource(names.get(0)) && source.counted + 1 > room) {
            source.leftOut++;
            return false;
        }
        names.forEach(name -> groups.get(name).counted++);
        return true;
    }

    private Group begin(Bet all) {
        return new Group(
                Watch.above(sliceMargin(), LossDifference.boundsOfOneLabel(plan), plan.windowLabels()), all.copy());
    }

    /** Within a slice nothing is asked that is not asked of all together. */
    private double sliceMargin() {
        return Math.max(plan.slices().margin(), plan.margin());
    }

    /** A source that has been left out so often that somebody should know: told of once. */
    Optional<String> flooding() {
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            if (!group.told && group.leftOut >= plan.labelHealth().minimumLabels()) {
                group.told = true;
                return Optional.of(
                        "%d labels of %s are left out beside %d that count, since one source may give at most %.2f of them; where all labels come from one, set label-health.largest-share to 1"
                                .formatted(
                                        group.leftOut,
                                        entry.getKey(),
                                        group.counted,
                                        plan.labelHealth().largestShare()));
            }
        }
        return Optional.empty();
    }

    /** @param names of the groups that the label is in */
    void observe(double difference, double weight, List<String> names) {
        groups.forEach((name, group) -> {
            if (!names.contains(name)) {
                group.without.observe(difference, weight);
            } else if (isSlice(name)) {
                group.harm.observe(difference, weight);
            }
        });
    }

    /** @param names of the groups that the label was in */
    void correct(double before, double after, double weight, List<String> names) {
        groups.forEach((name, group) -> {
            if (!names.contains(name)) {
                group.without.correct(before, after, weight);
            }
        });
    }

    /**
     * The source or slice without which the requirement is not met.
     *
     * @param labels that both versions were compared by
     */
    Optional<String> standsOn(long labels) {
        return groups.entrySet().stream()
                .filter(entry -> mustStandWithout(entry.getKey(), entry.getValue(), labels)
                        && !entry.getValue().without.shows(plan.alpha()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private boolean mustStandWithout(String name, Group group, long labels) {
        return isSource(name)
                ? plan.labelHealth().needsSeveralSources()
                : isSlice(name) && plan.slices().mustStandWithoutAny() && group.inShadow() <= labels / 2;
    }

    double estimateWithout(String name) {
        return groups.get(name).without.estimate();
    }

    /** @param alpha for all slices together */
    boolean isOneSliceHarmed(double alpha) {
        List<String> slices = slices();
        for (int index = 0; index < slices.size(); index++) {
            if (isHarmed(groups.get(slices.get(index)), partOf(alpha, index))) {
                return true;
            }
        }
        return false;
    }

    private boolean isHarmed(Group slice, double alpha) {
        return slice.inShadow() >= plan.slices().minimumLabels() && slice.harm.shows(alpha);
    }

    /** Slices are not known before they are seen: the k-th has 1/(k(k+1)) of their part, which sums to the whole. */
    private static double partOf(double alpha, int index) {
        return alpha / ((index + 1) * (index + 2.0));
    }

    /** @param alpha for all slices together */
    List<Check> checks(double alpha) {
        List<String> slices = slices();
        List<Check> checks = new ArrayList<>();
        for (int index = 0; index < slices.size(); index++) {
            checks.add(check(slices.get(index), partOf(alpha, index)));
        }
        return checks;
    }

    private Check check(String name, double alpha) {
        Group slice = groups.get(name);
        Bet bet = slice.harm.whole();
        return Check.newBuilder()
                .setName(name)
                .setVerdict(isHarmed(slice, alpha) ? EvidenceVerdict.FAIL : EvidenceVerdict.INCONCLUSIVE)
                .setSamples(bet.count())
                .setEstimate(bet.count() > 0 ? bet.estimate() : null)
                .setLimit(sliceMargin())
                .setSmallestEffect(bet.count() > 0 ? bet.smallestEffect(alpha) : null)
                .setDetail("%s: on %d labels its loss is %s; if it is %.4f higher the trial ends"
                        .formatted(name, bet.count(), LossDifference.compared(bet.estimate()), sliceMargin()))
                .build();
    }

    private List<String> slices() {
        return groups.keySet().stream().filter(GroupEvidence::isSlice).toList();
    }

    private static boolean isSource(String name) {
        return name.startsWith(Groups.SOURCE);
    }

    private static boolean isSlice(String name) {
        return name.startsWith(Groups.SLICE);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(groups.size());
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            Group group = entry.getValue();
            out.writeUTF(entry.getKey());
            group.harm.write(out);
            group.without.write(out);
            out.writeLong(group.counted);
            out.writeLong(group.leftOut);
            out.writeBoolean(group.told);
        }
    }

    void writeCorrections(DataOutput out) throws IOException {
        for (Group group : groups.values()) {
            group.without.writeCorrections(out);
        }
    }

    void readCorrections(DataInput in) throws IOException {
        for (Group group : groups.values()) {
            group.without.readCorrections(in);
        }
    }

    static GroupEvidence read(DataInput in, RolloutPlan plan) throws IOException {
        GroupEvidence evidence = new GroupEvidence(plan);
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            String name = in.readUTF();
            Group group = new Group(Watch.read(in), Bet.read(in));
            group.counted = in.readLong();
            group.leftOut = in.readLong();
            group.told = in.readBoolean();
            evidence.groups.put(name, group);
        }
        return evidence;
    }
}
