package dev.penstock.inference.scoring;

import dev.penstock.inference.requests.Request;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.schemas.Variant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that can be scored.
 *
 * @param variant role of the version that will score it
 * @param example made by that version
 * @param decodeNanos that making it took
 * @param isSuspect whether the process died while it was being scored: then it is scored alone
 * @param fault why a version on trial could not make an example, so that another must answer; null if it could
 */
record Row(
        Request.Addressed request,
        Variant variant,
        Example example,
        long decodeNanos,
        boolean isSuspect,
        @Nullable RuntimeException fault) {
    private static final Example NONE = new Example(List.of());

    Row(Request.Addressed request, Variant variant, Example example, long decodeNanos, boolean isSuspect) {
        this(request, variant, example, decodeNanos, isSuspect, null);
    }

    static Row failed(Request.Addressed request, Variant variant, RuntimeException fault, long decodeNanos) {
        return new Row(request, variant, NONE, decodeNanos, false, fault);
    }

    long decodeMicros() {
        return TimeUnit.NANOSECONDS.toMicros(decodeNanos);
    }
}
