package dev.penstock.rollout.decisions;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutCommand;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can happen to the versions of a model. */
public sealed interface Happening {
    /**
     * Versions were announced, one or more: where none is known yet, the highest that may serve becomes the champion, so the
     * job hands in together what it finds when it starts. An announcement that comes again changes nothing.
     */
    record Announced(List<ModelVersion> versions) implements Happening {
        public Announced {
            versions = List.copyOf(versions);
        }
    }

    /** The inference job could not or would not load a version. */
    record Refused(int version, String reason) implements Happening {}

    /** A person asked for something. */
    record Commanded(RolloutCommand command) implements Happening {}

    /**
     * A request was answered by champion, canary or control.
     *
     * @param attributes of the request
     */
    record Served(Answer answer, Map<String, String> attributes) implements Happening {
        public Served {
            attributes = Map.copyOf(attributes);
        }
    }

    /** A request was answered by the champion and by the candidate in its shadow. */
    record Shadowed(Answer champion, Answer candidate, Map<String, String> attributes) implements Happening {
        public Shadowed {
            attributes = Map.copyOf(attributes);
        }
    }

    /** It is known what a request was that champion, canary or control answered. Once for a request. */
    record ServedLabelled(Answer answer, Label label, Map<String, String> attributes) implements Happening {
        public ServedLabelled {
            attributes = Map.copyOf(attributes);
        }
    }

    /** It is known what a request was that champion and candidate answered. Once for a request. */
    record ShadowedLabelled(Answer champion, Answer candidate, Label label, Map<String, String> attributes)
            implements Happening {
        public ShadowedLabelled {
            attributes = Map.copyOf(attributes);
        }
    }

    /**
     * A label that has been handed in was changed since. What was bet on it cannot be taken back, but is paid for; where it
     * happens often, nothing is promoted.
     *
     * @param answer what champion, canary or control answered
     * @param candidate what the candidate answered in its shadow, if that was handed in with the label
     * @param before as it was handed in, or changed last
     * @param handedInAt when it was handed in first
     */
    record Overruled(
            Answer answer,
            Optional<Answer> candidate,
            Label before,
            Label after,
            Instant handedInAt,
            Map<String, String> attributes)
            implements Happening {
        public Overruled {
            attributes = Map.copyOf(attributes);
        }
    }

    /** Drift began or ended: while there is any, nothing is promoted. */
    record DriftSeen(boolean active, String detail) implements Happening {}

    /** Time passed. */
    record Ticked() implements Happening {}
}
