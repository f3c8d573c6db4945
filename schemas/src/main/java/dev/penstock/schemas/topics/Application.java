package dev.penstock.schemas.topics;

import java.util.Locale;
import java.util.Optional;

/** Somebody who has an account of its own at the brokers, so that it may do what it needs and no more. */
public enum Application {
    INGEST("makes requests of the pipelines' source topics"),
    INFERENCE("answers requests"),
    ROLLOUT("decides which versions serve"),
    RETRAIN("makes new versions"),
    /** The command in the hands of those who run the platform day by day. */
    OPERATOR("looks at everything, publishes models, gives commands, sends again what failed"),
    /** The command in the hands of those who set the platform up. */
    ADMINISTRATOR("creates topics and rights, ends transactions; may give itself any right"),
    /** Whoever uses the producer library, or writes requests with another client. */
    PRODUCER("writes requests and feedback"),
    /** Whoever acts on predictions. */
    CONSUMER("reads predictions");

    private final String purpose;

    Application(String purpose) {
        this.purpose = purpose;
    }

    /** As it stands in commands and documents. */
    public String writtenName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What it is there for, in some words. */
    public String purpose() {
        return purpose;
    }

    /** Its consumer group and the begin of its transactional ids and internal topics, where configuration does not say otherwise. */
    public String group() {
        return "penstock-" + writtenName();
    }

    public static Optional<Application> named(String writtenName) {
        for (Application application : values()) {
            if (application.writtenName().equals(writtenName)) {
                return Optional.of(application);
            }
        }
        return Optional.empty();
    }
}
