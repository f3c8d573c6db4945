package dev.penstock.inference.versions;

import dev.penstock.models.Model;
import dev.penstock.schemas.ModelVersion;

/** A loaded model and the announcement that it came with. */
public record ServedModel(ModelVersion version, Model model) {}
