package dev.penstock.cli.demo;

import java.util.Map;

/**
 * A decision beside the truth.
 *
 * @param scores by label
 */
record Judged(String truth, String decided, Map<String, Float> scores) {
    boolean isRight() {
        return truth.equals(decided);
    }
}
