package dev.penstock.models.architectures;

/** What a training begins with. */
public enum Start {
    /** The parent's weights, and its optimizer's state. */
    PARENT,
    /** First weights, as the parent's own graph draws them; what the parent learnt is left behind. */
    SCRATCH
}
