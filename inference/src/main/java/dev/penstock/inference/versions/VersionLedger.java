package dev.penstock.inference.versions;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one model's versions, which should be loaded next, and which should stay. Without a rollout that is
 * the highest announced one that was neither refused nor postponed, if it is above those that are loaded. With one it
 * is what the rollout names: the champion first, then the candidate, then the champion before, then what earlier steps
 * name. No threads, no TensorFlow: one task owns it.
 */
final class VersionLedger {
    private final int residentVersions;
    private final NavigableMap<Integer, ModelVersion> announced = new TreeMap<>();
    private final NavigableMap<Integer, ModelVersion> loaded = new TreeMap<>();
    private final Map<Integer, ModelVersion> refused = new HashMap<>();
    private final Set<Integer> postponed = new HashSet<>();
    /** For want of memory, until the rollout changes. */
    private final Set<Integer> leftOut = new HashSet<>();

    private @Nullable ModelVersion loading;
    private @Nullable RolloutState rollout;
    /** What the rollout names, the most important first. */
    private List<Integer> wanted = List.of();

    /** @param residentVersions that stay loaded; champion, candidate and the champion before do in any case */
    VersionLedger(int residentVersions) {
        this.residentVersions = residentVersions;
    }

    /**
     * Takes note of a version. Announced anew in other words, perhaps with its bytes elsewhere, it gets another chance.
     *
     * @return whether it can be taken note of: a version that is loaded cannot get other content
     */
    boolean announce(ModelVersion version) {
        int number = version.getVersion();
        ModelVersion known = loaded.get(number);
        if (known != null && !version.getDigest().equals(known.getDigest())) {
            return false;
        }
        if (!version.equals(announced.put(number, version))) {
            postponed.remove(number);
            leftOut.remove(number);
        }
        return true;
    }

    boolean knows(int number) {
        return announced.containsKey(number);
    }

    /**
     * Follows a rollout from now on. One from before what is known is left out: a topic may be read from its beginning
     * again, or written by two.
     *
     * @return whether it is followed
     */
    boolean follow(RolloutState state) {
        if (rollout != null && state.getChangedAt().isBefore(rollout.getChangedAt())) {
            return false;
        }
        rollout = state;
        wanted = wanted(state.getSteps());
        leftOut.clear();
        return true;
    }

    Optional<RolloutState> rollout() {
        return Optional.ofNullable(rollout);
    }

    private List<Integer> wanted(List<RolloutStep> steps) {
        RolloutStep now = steps.get(steps.size() - 1);
        Set<Integer> named = new LinkedHashSet<>();
        name(now, named);
        for (int index = steps.size() - 1; index >= 0; index--) {
            if (steps.get(index).getChampion() != now.getChampion()) {
                named.add(steps.get(index).getChampion());
                break;
            }
        }
        int needed = named.size();
        for (int index = steps.size() - 1; index >= 0; index--) {
            name(steps.get(index), named);
        }
        return named.stream().limit(Math.max(needed, residentVersions)).toList();
    }

    private static void name(RolloutStep step, Set<Integer> named) {
        named.add(step.getChampion());
        if (step.getCandidate() != null) {
            named.add(step.getCandidate());
        }
    }

    /** Empty while one is loading, or if nothing that is wanted can be tried now. */
    Optional<ModelVersion> next() {
        if (loading != null) {
            return Optional.empty();
        }
        if (rollout != null) {
            return wanted.stream()
                    .filter(announced::containsKey)
                    .map(announced::get)
                    .filter(this::canBeTried)
                    .findFirst();
        }
        for (ModelVersion candidate : announced.descendingMap().values()) {
            if (!loaded.isEmpty() && candidate.getVersion() <= loaded.lastKey()) {
                return Optional.empty();
            }
            if (canBeTried(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private boolean canBeTried(ModelVersion candidate) {
        int number = candidate.getVersion();
        return candidate.getRefusedBecause().isEmpty()
                && !loaded.containsKey(number)
                && !candidate.equals(refused.get(number))
                && !postponed.contains(number)
                && !leftOut.contains(number);
    }

    void startLoading(ModelVersion version) {
        loading = version;
    }

    /** Whether a version is being loaded, or could be at once: none was tried in vain. */
    boolean isTrying() {
        return loading != null || next().isPresent();
    }

    /** Whether a version may come to serve without any further announcement. */
    boolean isAwaiting() {
        return loading != null || !postponed.isEmpty();
    }

    /** Whether answers depend on it now, so that others make room for it. */
    boolean isNeeded(int number) {
        RolloutState state = rollout;
        if (state == null) {
            return true;
        }
        RolloutStep now = state.getSteps().get(state.getSteps().size() - 1);
        return number == now.getChampion() || (now.getCandidate() != null && number == now.getCandidate());
    }

    void loaded(ModelVersion version) {
        loading = null;
        loaded.put(version.getVersion(), version);
        refused.remove(version.getVersion());
        postponed.remove(version.getVersion());
    }

    /** It is not loaded any more; with a rollout it may be loaded again. */
    void unloaded(int number) {
        loaded.remove(number);
    }

    /** There is no memory for it now. */
    void leaveOut(int number) {
        if (loading != null && loading.getVersion() == number) {
            loading = null;
        }
        loaded.remove(number);
        leftOut.add(number);
    }

    /** It is not tried again, unless it is announced in other words. */
    void refuse(ModelVersion version) {
        loading = null;
        refused.put(version.getVersion(), version);
    }

    /** It is not tried again until {@link #retry}; others are. */
    void postpone(ModelVersion version) {
        loading = null;
        if (version.equals(announced.get(version.getVersion()))) {
            postponed.add(version.getVersion());
        }
    }

    void retry(ModelVersion version) {
        postponed.remove(version.getVersion());
    }

    /** The loaded ones that stay: what is wanted, and the highest of the others as far as there is place. */
    NavigableSet<Integer> kept() {
        NavigableSet<Integer> kept = new TreeSet<>(wanted);
        kept.retainAll(loaded.keySet());
        int places = Math.max(residentVersions, wanted.size());
        for (Integer number : loaded.descendingKeySet()) {
            if (kept.size() < places) {
                kept.add(number);
            }
        }
        return kept;
    }

    /** The loaded ones that others may take the memory of, in the order in which they go. */
    List<Integer> spare() {
        List<Integer> spare = new ArrayList<>();
        if (rollout == null) {
            spare.addAll(
                    loaded.isEmpty()
                            ? loaded.keySet()
                            : loaded.headMap(loaded.lastKey()).keySet());
            return spare;
        }
        loaded.keySet().stream().filter(number -> !wanted.contains(number)).forEach(spare::add);
        for (int place = wanted.size() - 1; place >= 0; place--) {
            int number = wanted.get(place);
            if (loaded.containsKey(number) && !isNeeded(number)) {
                spare.add(number);
            }
        }
        return spare;
    }
}
