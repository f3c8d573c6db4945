package dev.penstock.cli.platform;

import java.util.Locale;

/** How quickly a local platform learns and lets versions serve. */
public enum Pace {
    /** As in production: hours, and thousands of labels. */
    PRODUCTION,
    /** Seconds, and hundreds of labels: to be watched, not to be relied on. For the demo's pipelines. */
    DEMO;

    /** Name of a job's configuration file beside this package's classes. */
    String file(String job) {
        return "%s-%s.yaml".formatted(job, name().toLowerCase(Locale.ROOT));
    }
}
