package dev.penstock.inference.scoring;

import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.schemas.InferenceRequest;

/** What a record turned out to be. */
sealed interface Request {
    /** A request for one of our models. */
    record Addressed(InferenceRequest content, PipelineBinding pipeline, InputRecord record) implements Request {}

    /** Not a request that can be served: this is to be written instead. */
    record Undeliverable(OutputRecord deadLetter) implements Request {}
}
