package dev.penstock.models.transit;

import dev.penstock.schemas.ModelVersion;

/** The key of an announcement: what compaction keeps one of. */
final class VersionKey {
    private VersionKey() {}

    static String of(ModelVersion version) {
        return version.getModel() + "/" + version.getVersion();
    }
}
