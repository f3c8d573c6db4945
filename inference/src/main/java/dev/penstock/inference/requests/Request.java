package dev.penstock.inference.requests;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.schemas.InferenceRequest;
import java.util.Map;

/** What a record turned out to be. */
public sealed interface Request {
    /**
     * A request for one of our models.
     *
     * @param content with the features that the job adds
     * @param addedFeatures these alone, by name
     */
    record Addressed(
            InferenceRequest content, PipelineBinding pipeline, InputRecord record, Map<String, Double> addedFeatures)
            implements Request {
        /** One to which nothing is added. */
        public Addressed(InferenceRequest content, PipelineBinding pipeline, InputRecord record) {
            this(content, pipeline, record, Map.of());
        }
    }

    /** Not a request that can be served: this is to be written instead. */
    record Undeliverable(OutputRecord deadLetter) implements Request {}
}
