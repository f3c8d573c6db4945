package dev.penstock.cli.letters;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** What is to become of a letter that somebody wants to be sent again. */
sealed interface Judged {
    Letter letter();

    /**
     * It would be taken now.
     *
     * @param target where the original is, so that copies of it meet there
     * @param timestamp of the new record, milliseconds since 1970: the original's, by which ingest tells copies; empty
     *     for now, so that whoever serves now answers
     * @param requests that will be answered
     */
    record Sendable(Letter letter, TopicPartition target, OptionalLong timestamp, Set<RequestName> requests)
            implements Judged {
        public Sendable {
            requests = Set.copyOf(requests);
        }
    }

    /**
     * It is not sent.
     *
     * @param isDone because its request was answered already, so that nothing is left to do
     */
    record Kept(Letter letter, String reason, boolean isDone) implements Judged {}

    /** A request; ids are unique within a pipeline. */
    record RequestName(String pipeline, String requestId) {}

    static Judged kept(Letter letter, String reason) {
        return new Kept(letter, reason, false);
    }

    static Judged done(Letter letter, String reason) {
        return new Kept(letter, reason, true);
    }

    /** Empty if it is not sent. */
    default Optional<Sendable> sendable() {
        return this instanceof Sendable sendable ? Optional.of(sendable) : Optional.empty();
    }
}
