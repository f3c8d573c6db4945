package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.card.CardProblem;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InvalidModelCardException;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A bundle as a directory, whose files were those that it was built from when it was opened:
 *
 * <pre>
 * model-card.yaml       see {@link ModelCardReader}
 * saved-model/          TensorFlow's SavedModel
 * golden/examples.avro  inputs and their scores; may be missing
 * reference.avro        how values were distributed where it was judged; may be missing
 * digests.json          the SHA-256 of every other file
 * signature.json        by whom; may be missing
 * </pre>
 *
 * <p>Further files are those that the card names, such as a vocabulary. Immutable.
 */
public final class Bundle {
    private final Path directory;
    private final ModelCard card;
    private final String cardText;
    private final List<GoldenExample> goldenExamples;
    private final @Nullable DriftReference reference;
    private final String graphDigest;

    private Bundle(
            Path directory,
            ModelCard card,
            String cardText,
            List<GoldenExample> goldenExamples,
            @Nullable DriftReference reference,
            String graphDigest) {
        this.directory = directory;
        this.card = card;
        this.cardText = cardText;
        this.goldenExamples = goldenExamples;
        this.reference = reference;
        this.graphDigest = graphDigest;
    }

    /**
     * Reads and checks every file.
     *
     * @throws BundleRefusedException if a file is missing, extra or changed, or the card or the examples cannot be used
     * @throws IOException if the file system fails
     */
    public static Bundle open(Path directory) throws IOException {
        return open(directory, Vetting.none());
    }

    /**
     * Reads and checks every file.
     *
     * @param vetting asked as soon as the files are known to be whole: what a stranger wrote is not read before that
     * @throws BundleRefusedException if a file is missing, extra or changed, it does not pass, or the card or the
     *     examples cannot be used
     * @throws IOException if the file system fails
     */
    public static Bundle open(Path directory, Vetting vetting) throws IOException {
        BundleDigests digests = BundleDigests.read(directory);
        digests.verify(directory);
        vetting.require(directory);
        Path cardFile = cardFile(directory);
        if (!Files.isRegularFile(cardFile)) {
            throw new BundleRefusedException(
                    Reason.MISSING_FILE,
                    "Cannot use bundle %s: it has no %s; write one".formatted(directory, BundleFiles.CARD));
        }
        ModelCard card = readCard(directory, cardFile);
        requireVocabularies(directory, card);
        return new Bundle(
                directory,
                card,
                Files.readString(cardFile),
                GoldenExamples.read(directory),
                ReferenceFile.read(directory),
                digests.ofGraph());
    }

    private static ModelCard readCard(Path directory, Path file) throws IOException {
        try {
            return ModelCardReader.read(file);
        } catch (InvalidModelCardException e) {
            throw new BundleRefusedException(
                    Reason.INVALID_CARD,
                    "Cannot use bundle %s: its %s has problems: %s"
                            .formatted(
                                    directory,
                                    BundleFiles.CARD,
                                    e.problems().stream()
                                            .map(CardProblem::toString)
                                            .collect(Collectors.joining("; "))),
                    e);
        }
    }

    private static void requireVocabularies(Path directory, ModelCard card) {
        card.inputs().stream()
                .filter(Tokens.class::isInstance)
                .map(input -> ((Tokens) input).vocabulary())
                .filter(file -> !Files.isRegularFile(directory.resolve(file)))
                .findFirst()
                .ifPresent(file -> {
                    throw new BundleRefusedException(
                            Reason.MISSING_FILE,
                            "Cannot use bundle %s: its card names the vocabulary '%s', which is not there; put it into the bundle"
                                    .formatted(directory, file));
                });
    }

    public Path directory() {
        return directory;
    }

    public ModelCard card() {
        return card;
    }

    /** {@code model-card.yaml} as it is. */
    public String cardText() {
        return cardText;
    }

    /** Directory of the SavedModel. */
    public Path savedModel() {
        return directory.resolve(BundleFiles.SAVED_MODEL);
    }

    /** {@code model-card.yaml} of a bundle. */
    public static Path cardFile(Path directory) {
        return directory.resolve(BundleFiles.CARD);
    }

    /** Digest of the graph without its variables: versions that were trained from one another have the same. */
    public String graphDigest() {
        return graphDigest;
    }

    /** {@code digests.json} of a bundle: what a signature is given for. */
    public static Path digestsFile(Path directory) {
        return directory.resolve(BundleFiles.DIGESTS);
    }

    /** {@code signature.json} of a bundle, which need not be there. */
    public static Path signatureFile(Path directory) {
        return directory.resolve(BundleFiles.SIGNATURE);
    }

    /** Inputs and what they were answered with where the model was made; empty if the bundle has none. */
    public List<GoldenExample> goldenExamples() {
        return goldenExamples;
    }

    /** How values were distributed where it was judged; empty if the bundle does not say. */
    public Optional<DriftReference> reference() {
        return Optional.ofNullable(reference);
    }

    /**
     * SHA-256 of the archive that {@link BundleArchive#pack} makes of it: 64 lower-case hexadecimal digits. Reads every
     * file.
     */
    public String digest() throws IOException {
        return BundleArchive.digest(directory);
    }

    @Override
    public String toString() {
        return "%s version %d in %s".formatted(card.name(), card.version(), directory);
    }
}
