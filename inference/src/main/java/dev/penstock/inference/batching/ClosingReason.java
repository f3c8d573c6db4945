package dev.penstock.inference.batching;

/** Why a batch was closed. */
public enum ClosingReason {
    /** It had as many rows as it may have. */
    SIZE,
    /** Its first row had waited as long as it may. */
    AGE,
    /** No further row came: waiting would gain nothing. */
    DRY,
    /** From the next row on other versions answer. */
    VERSION,
    /** The row is under suspicion and goes alone. */
    ALONE,
    /** A checkpoint or the end of the input wants everything out. */
    FLUSH
}
