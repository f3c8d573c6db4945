package dev.penstock.inference.versions;

import dev.penstock.schemas.ModelVersion;
import java.io.Serializable;
import java.util.List;

/** Asks for the announced versions of a model, beside the stream of announcements. May block. */
public interface VersionLookup extends Serializable {
    /** In any order; empty if there are none yet. */
    List<ModelVersion> announced(String model);
}
