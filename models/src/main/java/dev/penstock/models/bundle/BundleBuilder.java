package dev.penstock.models.bundle;

import dev.penstock.models.card.BundlePaths;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardWriter;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts a bundle together. The same parts always give the same bundle. */
public final class BundleBuilder {
    private final String cardText;
    private final Path savedModel;
    private final Map<String, Path> files = new LinkedHashMap<>();
    private List<GoldenExample> goldenExamples = List.of();
    private @Nullable DriftReference reference;

    /** @param savedModel directory of the SavedModel; copied as it is */
    public BundleBuilder(ModelCard card, Path savedModel) {
        this(ModelCardWriter.write(card), savedModel);
    }

    /** @param cardText {@code model-card.yaml} with its comments */
    public BundleBuilder(String cardText, Path savedModel) {
        this.cardText = cardText;
        this.savedModel = savedModel;
    }

    /**
     * Adds a file that the card names.
     *
     * @param path in the bundle, as in the card
     */
    public BundleBuilder file(String path, Path source) {
        if (!BundlePaths.isInside(path)) {
            throw new IllegalArgumentException(
                    "Cannot add %s to a bundle as '%s': that is no path inside of it".formatted(source, path));
        }
        files.put(path, source);
        return this;
    }

    public BundleBuilder goldenExamples(List<GoldenExample> examples) {
        goldenExamples = List.copyOf(examples);
        return this;
    }

    /** @param distributions of the values where it was judged */
    public BundleBuilder reference(DriftReference distributions) {
        reference = distributions;
        return this;
    }

    /**
     * @param directory that does not exist yet, or is empty
     * @throws BundleRefusedException if the parts make no sound bundle
     */
    public Bundle build(Path directory) throws IOException {
        TargetDirectory target = TargetDirectory.claim(directory);
        try {
            Files.writeString(directory.resolve(BundleFiles.CARD), cardText);
            copyTree(savedModel, directory.resolve(BundleFiles.SAVED_MODEL));
            for (Map.Entry<String, Path> file : files.entrySet()) {
                Path copy = directory.resolve(file.getKey());
                Files.createDirectories(copy.getParent());
                Files.copy(file.getValue(), copy);
            }
            if (!goldenExamples.isEmpty()) {
                GoldenExamples.write(directory, goldenExamples);
            }
            if (reference != null) {
                ReferenceFile.write(directory, reference);
            }
            BundleDigests.of(directory).write(directory);
            return Bundle.open(directory);
        } catch (IOException | RuntimeException e) {
            target.abandon(e);
            throw e;
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        List<Path> sources;
        try (Stream<Path> found = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            sources = found.filter(Files::isRegularFile).toList();
        }
        for (Path source : sources) {
            Path copy = to.resolve(from.relativize(source).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(source, copy);
        }
    }
}
