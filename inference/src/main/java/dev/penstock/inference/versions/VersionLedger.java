package dev.penstock.inference.versions;

import dev.penstock.schemas.ModelVersion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one model's versions, and which should be loaded next: the highest announced one that was neither
 * refused nor postponed, if it is above the one that serves. No threads, no TensorFlow: one task owns it.
 */
final class VersionLedger {
    private final NavigableMap<Integer, ModelVersion> announced = new TreeMap<>();
    private final Map<Integer, ModelVersion> refused = new HashMap<>();
    private final Set<Integer> postponed = new HashSet<>();
    private @Nullable ModelVersion serving;
    private @Nullable ModelVersion loading;

    /**
     * Takes note of a version. Announced anew in other words, perhaps with its bytes elsewhere, it gets another chance.
     *
     * @return whether it can be taken note of: the version that serves cannot get other content
     */
    boolean announce(ModelVersion version) {
        int number = version.getVersion();
        if (serving != null && number < serving.getVersion()) {
            return true;
        }
        if (serving != null
                && number == serving.getVersion()
                && !version.getDigest().equals(serving.getDigest())) {
            return false;
        }
        if (!version.equals(announced.put(number, version))) {
            postponed.remove(number);
        }
        return true;
    }

    /** Empty while one is loading, or if nothing better than what serves can be tried now. */
    Optional<ModelVersion> next() {
        if (loading != null) {
            return Optional.empty();
        }
        for (ModelVersion candidate : announced.descendingMap().values()) {
            if (serving != null && candidate.getVersion() <= serving.getVersion()) {
                return Optional.empty();
            }
            if (!candidate.equals(refused.get(candidate.getVersion())) && !postponed.contains(candidate.getVersion())) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    void startLoading(ModelVersion version) {
        loading = version;
    }

    /** Whether a version may come to serve without any further announcement. */
    boolean isAwaiting() {
        return loading != null || !postponed.isEmpty();
    }

    /** The version serves from now on; what came before it is forgotten. */
    void serve(ModelVersion version) {
        loading = null;
        serving = version;
        announced.headMap(version.getVersion(), true).clear();
        refused.keySet().removeIf(number -> number <= version.getVersion());
        postponed.removeIf(number -> number <= version.getVersion());
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
}
