package dev.penstock.schemas.deadletter;

/**
 * Why a record could not be used: the closed list that {@code dead-letters} is sorted by.
 *
 * <p>Renaming or removing a code breaks whoever sorts by it.
 */
public enum DeadLetterCode {
    /** The bytes are not a Confluent-framed Avro record, or end early. */
    MALFORMED_RECORD,
    /** The registry has no schema with the id that the record names. */
    UNKNOWN_SCHEMA,
    /** A field that the pipeline needs is not in the record, or is null. */
    MISSING_FIELD,
    /** A field has a type that the pipeline cannot use there. */
    WRONG_TYPE,
    /** The id or the entity is empty or too long. */
    INVALID_ID,
    /** The time is not a time, or is further in the future than clocks differ. */
    INVALID_TIME,
    /** There is no pipeline of that name, or it reads another modality. */
    UNKNOWN_PIPELINE,
    /** The payload is empty. */
    EMPTY_PAYLOAD,
    /** The payload has more bytes than the pipeline or its topic takes. */
    PAYLOAD_TOO_LARGE,
    /** The payload is of another kind than the pipeline's model reads. */
    WRONG_PAYLOAD,
    /** The text is not valid UTF-8. */
    INVALID_TEXT,
    /** The text has more characters than the model takes. */
    TEXT_TOO_LONG,
    /** The bytes are not an image of a supported format, or end early. */
    INVALID_IMAGE,
    /** The image's header claims more pixels than the model takes. */
    IMAGE_TOO_LARGE,
    /** The bytes are not a WAVE file of a supported encoding, or its lengths disagree with its bytes. */
    INVALID_AUDIO,
    /** The clip lasts longer than the model takes. */
    AUDIO_TOO_LONG,
    /** A feature that the model needs is missing, and its card names no value instead. */
    MISSING_FEATURE,
    /** A feature is NaN or infinite. */
    NON_FINITE_FEATURE,
    /** A vector has another number of values than the model has features, or a category is not in the card. */
    INVALID_FEATURE,
    /** The model failed on this record, and on this record alone. */
    MODEL_FAILED,
    /** The process died twice while the model scored this record, the second time with nothing else in flight. */
    CRASHED_MODEL;
}
