package dev.penstock.inference;

import dev.penstock.schemas.Modality;
import java.io.Serializable;

/** Which model a pipeline asks. */
public record PipelineBinding(String pipeline, Modality modality, String model) implements Serializable {}
