package dev.penstock.inference;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.schemas.Modality;
import java.io.Serializable;

/**
 * A pipeline as this job sees it.
 *
 * @param model that it asks
 * @param batching how its requests are gathered for the model
 * @param delivery of what becomes of them
 */
public record PipelineBinding(String pipeline, Modality modality, String model, BatchLimits batching, Delivery delivery)
        implements Serializable {}
