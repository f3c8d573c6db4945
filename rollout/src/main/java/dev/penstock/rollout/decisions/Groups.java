package dev.penstock.rollout.decisions;

import dev.penstock.rollout.plan.RolloutPlan.Slices;
import dev.penstock.schemas.FeedbackSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Names of what labels have in common: who said them, and which slices their requests are in. */
final class Groups {
    static final String SOURCE = "source.";
    static final String SLICE = "slice.";
    /** Neither a source nor a slice: what nobody said cannot lie. */
    private static final String SILENCE = "silence";

    private static final int MOST_SOURCES = 16;
    private static final int LONGEST_NAME = 128;

    private Groups() {}

    /**
     * The label's source, or that it has none, first, then its slices. Sources beyond the first sixteen are one together, so that nobody becomes
     * trusted by taking many names; slices beyond the first are not watched.
     *
     * @param known names that have been seen, by the champion's labels or on trial
     */
    static List<String> of(Label label, Map<String, String> attributes, Slices slices, Set<String> known) {
        int sources = 0;
        int sliceCount = 0;
        TreeSet<String> names = new TreeSet<>();
        for (String name : known) {
            names.add(name);
            if (name.startsWith(SOURCE)) {
                sources++;
            } else if (name.startsWith(SLICE)) {
                sliceCount++;
            }
        }
        List<String> groups = new ArrayList<>();
        String source = cut(SOURCE + (label.saidBy().isBlank() ? label.source().toString() : label.saidBy()));
        if (label.source() == FeedbackSource.SILENCE) {
            groups.add(SILENCE);
        } else {
            groups.add(names.contains(source) || sources < MOST_SOURCES ? source : SOURCE + "(others)");
        }
        for (String attribute : new TreeSet<>(slices.attributes())) {
            String value = attributes.get(attribute);
            if (value == null) {
                continue;
            }
            String slice = cut(SLICE + attribute + "=" + value);
            if (names.contains(slice)) {
                groups.add(slice);
            } else if (sliceCount < Slices.MOST) {
                sliceCount++;
                groups.add(slice);
            }
        }
        return groups;
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
