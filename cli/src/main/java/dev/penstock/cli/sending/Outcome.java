package dev.penstock.cli.sending;

import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What became of a request.
 *
 * @param label decided for, several with commas between them; the likeliest one of an abstention; empty if there is none
 * @param confidence in it, 0 to 1
 * @param modelVersion that answered
 * @param reason of what is not a decision
 */
record Outcome(Kind kind, Optional<String> label, OptionalDouble confidence, OptionalInt modelVersion, String reason) {
    enum Kind {
        DECIDED("decided"),
        ABSTAINED("abstained"),
        DEAD_LETTER("dead letter"),
        /** The brokers have it, and that is all that is known. */
        SENT("sent"),
        /** The time to wait for it is over. */
        MISSING("no outcome"),
        /** The brokers may not have it. */
        NOT_SENT("not sent");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        /** Whether this is how a request should end. */
        boolean isGood() {
            return this == DECIDED || this == ABSTAINED || this == SENT;
        }
    }

    static Outcome of(Prediction prediction) {
        OptionalInt version = OptionalInt.of(prediction.getModelVersion());
        if (prediction.getOutcome() instanceof Decision decision) {
            return new Outcome(
                    Kind.DECIDED,
                    Optional.of(
                            decision.getLabels().isEmpty()
                                    ? decision.getLabel()
                                    : String.join(", ", decision.getLabels())),
                    OptionalDouble.of(decision.getConfidence()),
                    version,
                    "");
        }
        if (prediction.getOutcome() instanceof Abstention abstention) {
            Double confidence = abstention.getConfidence();
            return new Outcome(
                    Kind.ABSTAINED,
                    Optional.ofNullable(abstention.getLikeliestLabel()),
                    confidence == null ? OptionalDouble.empty() : OptionalDouble.of(confidence),
                    version,
                    "%s: %s".formatted(abstention.getReason(), abstention.getDetail()));
        }
        throw new IllegalStateException("Cannot show unknown outcome: " + prediction.getOutcome());
    }

    static Outcome of(DeadLetter letter) {
        return without(Kind.DEAD_LETTER, "%s: %s".formatted(letter.code(), letter.reason()));
    }

    static Outcome without(Kind kind, String reason) {
        return new Outcome(kind, Optional.empty(), OptionalDouble.empty(), OptionalInt.empty(), reason);
    }

    /** For a person: the label where one was decided for, else what happened. */
    String shown() {
        if (kind != Kind.DECIDED) {
            return kind.words();
        }
        return label.filter(decided -> !decided.isEmpty()).orElse("(none of the labels)");
    }
}
