package dev.penstock.models.bundle;

import org.jspecify.annotations.Nullable;

/** A bundle or an archive that must not be used; the message is one sentence that says why and what to do. */
public final class BundleRefusedException extends RuntimeException {
    /** Every reason there is. */
    public enum Reason {
        /** The archive is not a zip file, or is damaged. */
        NOT_AN_ARCHIVE,
        /** The archive begins as one but ends early. */
        TRUNCATED,
        /** A name leads out of the bundle's directory, or could not be written everywhere. */
        UNSAFE_NAME,
        /** A link, a device or another thing that is neither file nor directory. */
        NOT_A_FILE,
        /** Two files of the same name, or of names that differ in case alone. */
        DUPLICATE_FILE,
        /** More files than the limits allow. */
        TOO_MANY_FILES,
        /** More bytes, announced or real, than the limits allow. */
        TOO_LARGE,
        /** The archive uses encryption or a compression other than deflate. */
        UNSUPPORTED_ARCHIVE,
        /** {@code digests.json} is missing or cannot be read. */
        INVALID_DIGESTS,
        /** A file that {@code digests.json} lists, or the card names, is not there. */
        MISSING_FILE,
        /** A file that {@code digests.json} does not list. */
        EXTRA_FILE,
        /** A file has another digest than {@code digests.json} says. */
        CHANGED_FILE,
        /** {@code model-card.yaml} has problems. */
        INVALID_CARD,
        /** {@code golden/examples.avro} cannot be read. */
        INVALID_GOLDEN_EXAMPLES,
        /** {@code reference.avro} cannot be read. */
        INVALID_REFERENCE,
        /** There is no {@code signature.json}. */
        UNSIGNED,
        /** {@code signature.json} cannot be read, or is not the signer's over this bundle. */
        INVALID_SIGNATURE,
        /** The signer's key is not among those that are trusted. */
        UNKNOWN_SIGNER,
        /** The signer's key or the bundle counts no longer. */
        REVOKED
    }

    private final Reason reason;

    public BundleRefusedException(Reason reason, String message) {
        this(reason, message, null);
    }

    public BundleRefusedException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
