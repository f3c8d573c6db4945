package dev.penstock.models.tensorflow;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A tensor of the graph as signatures name it: {@code operation:output}, or the operation alone for its first output. */
record TensorName(String operation, int output) {
    private static final Pattern WRITTEN = Pattern.compile("([^:^]+)(?::(\\d{1,6}))?");

    /** Empty for what names no tensor, whatever the graph has. */
    static Optional<TensorName> of(String written) {
        Matcher parts = WRITTEN.matcher(written);
        return parts.matches()
                ? Optional.of(
                        new TensorName(parts.group(1), parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return operation + ":" + output;
    }
}
