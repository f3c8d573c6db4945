package dev.penstock.cli.doctor;

import java.util.Comparator;
import java.util.List;

/**
 * One thing that was looked at.
 *
 * @param what was found, with values
 * @param remedy what to do, in one line; empty if all is well
 */
record Finding(Status status, String what, String remedy) {
    enum Status {
        OK,
        WARNING,
        PROBLEM
    }

    static Finding ok(String what) {
        return new Finding(Status.OK, what, "");
    }

    /** Something that may be meant to be so. */
    static Finding warning(String what, String remedy) {
        return new Finding(Status.WARNING, what, remedy);
    }

    /** Something that does not work like this. */
    static Finding problem(String what, String remedy) {
        return new Finding(Status.PROBLEM, what, remedy);
    }

    static Status worst(List<Finding> findings) {
        return findings.stream()
                .map(Finding::status)
                .max(Comparator.naturalOrder())
                .orElse(Status.OK);
    }
}
