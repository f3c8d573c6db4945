package dev.penstock.models.card;

/** Element types that a numeric input can have. */
public enum NumberType {
    FLOAT32,
    FLOAT64,
    FLOAT16,
    BFLOAT16,
    UINT8,
    INT32,
    INT64,
    BOOL;

    /** Whether one half is one half in it, and not 0. */
    public boolean hasFractions() {
        return switch (this) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
            case UINT8, INT32, INT64, BOOL -> false;
        };
    }
}
