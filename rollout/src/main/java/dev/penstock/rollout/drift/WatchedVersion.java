package dev.penstock.rollout.drift;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of one version that is watched.
 *
 * @param reference what later windows are compared with; null before there is one
 * @param announced whether the reference came with the version's announcement, or is the first window of its service
 * @param window what was gathered since the last comparison; null if nothing
 * @param drifting whether the last window that could tell has said so
 */
public record WatchedVersion(
        @Nullable Sketched reference,
        boolean announced,
        @Nullable Sketched window,
        boolean drifting) {
    static final WatchedVersion UNSEEN = new WatchedVersion(null, false, null, false);

    /** An announced reference is better than the version's own first window. */
    WatchedVersion referringTo(Sketched announcedReference) {
        return new WatchedVersion(announcedReference, true, window, drifting);
    }

    WatchedVersion gathering(Sketched gathered) {
        return new WatchedVersion(reference, announced, gathered, drifting);
    }

    /** The window was compared, and the next begins. */
    WatchedVersion compared(boolean isDrifting) {
        return new WatchedVersion(reference, announced, null, isDrifting);
    }

    /** The first window becomes the reference. */
    WatchedVersion withFirst(Sketched first) {
        return new WatchedVersion(first, false, null, drifting);
    }
}
