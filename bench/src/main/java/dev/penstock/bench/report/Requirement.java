package dev.penstock.bench.report;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Something that the product must reach on two cores, and what it did.
 *
 * @param what is asked, in words
 * @param bound the demand: {@code measured} has to be on its right side
 */
record Requirement(String what, double measured, Side side, double bound) {
    enum Side {
        AT_LEAST,
        AT_MOST
    }

    static Requirement atLeast(String what, double measured, double bound) {
        return new Requirement(what, measured, Side.AT_LEAST, bound);
    }

    static Requirement atMost(String what, double measured, double bound) {
        return new Requirement(what, measured, Side.AT_MOST, bound);
    }

    @JsonProperty
    boolean reached() {
        return side == Side.AT_LEAST ? measured >= bound : measured <= bound;
    }
}
