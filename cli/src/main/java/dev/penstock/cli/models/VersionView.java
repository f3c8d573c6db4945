package dev.penstock.cli.models;

import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelVersion;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A published version as JSON and as words. */
final class VersionView {
    private static final int DIGEST_START = 12;

    private VersionView() {}

    static Map<String, Object> json(ModelVersion version, List<String> askedBy) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", version.getModel());
        json.put("version", version.getVersion());
        json.put("modality", modality(version));
        json.put("digest", version.getDigest());
        json.put("sizeBytes", version.getSizeBytes());
        json.put("chunks", version.getLocation().getChunks());
        json.put("location", location(version));
        json.put("publishedAt", version.getPublishedAt().toString());
        json.put("publishedBy", version.getPublishedBy());
        json.put("pipelines", askedBy);
        return json;
    }

    static String modality(ModelVersion version) {
        return version.getModality().name().toLowerCase(Locale.ROOT);
    }

    /** Enough of it to tell versions apart. */
    static String digest(ModelVersion version) {
        return version.getDigest()
                .substring(0, Math.min(DIGEST_START, version.getDigest().length()));
    }

    static String size(ModelVersion version) {
        return "%,d bytes".formatted(version.getSizeBytes());
    }

    static String publishedAt(ModelVersion version) {
        return version.getPublishedAt().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static String location(ModelVersion version) {
        ArtifactLocation location = version.getLocation();
        return location.getUri() == null
                ? "model-artifacts %d:%d".formatted(location.getPartition(), location.getFirstOffset())
                : location.getUri();
    }
}
