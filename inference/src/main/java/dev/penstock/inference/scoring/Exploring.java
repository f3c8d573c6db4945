package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.inference.Exploration;
import dev.penstock.models.Verdict;
import dev.penstock.schemas.InferenceRequest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Lets a small share of requests through that a decision would block, so that their labels can be known: where a decision
 * blocks its own label (a payment that is stopped is never charged back) a model would learn from nothing but what it let
 * through already.
 *
 * <p>Of the requests for which {@link Exploration#label} would be decided, the pipeline's share is let through: nothing is
 * decided about them, the reason is EXPLORED, and their {@code propensity} is that share, the probability with which this
 * happened. Every other prediction has a propensity of 1: what is not of that label was let through for certain, and of
 * what is blocked no label is ever known, so that nothing is weighed by it. Whoever learns or judges from labels weighs
 * each by 1 / propensity: then those let through stand for those that were not.
 *
 * <p>Which requests these are is a pure function of pipeline and request id: the first 53 bits of SHA-256 over {@code
 * explore}, U+001F, the pipeline, U+001F and the request id, in UTF-8, read as a number from 0 to 1, are below the share.
 * Whoever answers lets through the same; a shadow does not explore, since nothing is done with what it decides. For one
 * thread at a time.
 */
final class Exploring {
    private static final char SEPARATOR = '\u001f';
    private static final int PLACE_BITS = 53;

    private final Exploration exploration;
    private final MessageDigest digest = sha256();

    Exploring(Exploration exploration) {
        this.exploration = exploration;
    }

    /** Lets nothing through. */
    static Exploring never() {
        return new Exploring(Exploration.none());
    }

    /** Whether this decision is not to be made. */
    boolean isLetThrough(InferenceRequest request, Verdict.Decided decided) {
        return exploration.share() > 0
                && decided.labels().contains(exploration.label())
                && place(request) < exploration.share();
    }

    /** With which probability that happens to a decision for the label. */
    double share() {
        return exploration.share();
    }

    String detail(Verdict.Decided decided) {
        return "let through to learn its label, as %s of those are that would be decided for '%s' (with a confidence of %.4f)"
                .formatted(exploration.share(), exploration.label(), decided.confidence());
    }

    private double place(InferenceRequest request) {
        String named = "explore" + SEPARATOR + request.getPipeline() + SEPARATOR + request.getRequestId();
        byte[] hash = digest.digest(named.getBytes(UTF_8));
        return (ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - PLACE_BITS)) * 0x1.0p-53;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot explore: this Java has no SHA-256", e);
        }
    }
}
