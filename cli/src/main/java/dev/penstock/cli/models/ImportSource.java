package dev.penstock.cli.models;

import dev.penstock.cli.output.CommandException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What there is to make a bundle of.
 *
 * @param savedModel directory of the SavedModel
 * @param cardText {@code model-card.yaml}, with its comments
 * @param besides directories in which files that the card names are looked for, first one first
 * @param ready the bundle that it is already, if nothing of it is to be changed
 */
record ImportSource(
        Path savedModel,
        String cardText,
        List<Path> besides,
        List<GoldenExample> goldenExamples,
        Optional<Bundle> ready) {
    private static final String CARD = "model-card.yaml";
    private static final String SAVED_MODEL = "saved_model.pb";

    ImportSource {
        besides = List.copyOf(besides);
        goldenExamples = List.copyOf(goldenExamples);
    }

    /**
     * @param directory of a SavedModel or of a bundle
     * @param cardFile instead of the bundle's own card; needed for a SavedModel
     */
    static ImportSource find(Path directory, Optional<Path> cardFile) throws IOException {
        if (Files.exists(directory.resolve(CARD))) {
            Bundle bundle = Bundle.open(directory);
            String card = cardFile.isPresent() ? Files.readString(cardFile.get()) : bundle.cardText();
            return new ImportSource(
                    bundle.savedModel(),
                    card,
                    List.of(directory),
                    bundle.goldenExamples(),
                    cardFile.isPresent() ? Optional.empty() : Optional.of(bundle));
        }
        if (!Files.exists(directory.resolve(SAVED_MODEL))) {
            throw CommandException.misused(
                    "Cannot import %s: it has neither a %s, as a SavedModel has, nor a %s, as a bundle has; there are %s"
                            .formatted(directory, SAVED_MODEL, CARD, contents(directory)),
                    "Name the directory that tf.saved_model.save or model.export wrote, or a bundle's.");
        }
        Path card = cardFile.orElseThrow(() -> CommandException.misused(
                "Cannot import the SavedModel %s without a model card".formatted(directory),
                "Name one with --card; 'penstock models inspect %s --write-card card.yaml' proposes it."
                        .formatted(directory)));
        Path besideCard = card.toAbsolutePath().getParent();
        return new ImportSource(
                directory,
                Files.readString(card),
                besideCard == null ? List.of(directory) : List.of(besideCard, directory),
                List.of(),
                Optional.empty());
    }

    /** @throws dev.penstock.models.card.InvalidModelCardException with every problem of the card */
    ModelCard card() {
        return ModelCardReader.read(cardText);
    }

    ImportSource withVersion(int version) {
        return new ImportSource(
                savedModel, CardText.withVersion(cardText, version), besides, goldenExamples, Optional.empty());
    }

    /**
     * @param target that does not exist yet; left so where there is a bundle already
     * @throws dev.penstock.models.bundle.BundleRefusedException if the parts make no sound bundle
     */
    Bundle bundle(Path target) throws IOException {
        if (ready.isPresent()) {
            return ready.get();
        }
        BundleBuilder builder = new BundleBuilder(cardText, savedModel).goldenExamples(goldenExamples);
        for (String file : vocabularies()) {
            builder.file(file, beside(file));
        }
        return builder.build(target);
    }

    private Set<String> vocabularies() {
        return card().inputs().stream()
                .filter(Tokens.class::isInstance)
                .map(input -> ((Tokens) input).vocabulary())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Path beside(String file) {
        return besides.stream()
                .map(directory -> directory.resolve(file))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> CommandException.misused(
                        "Cannot import: the card names the file '%s', which is in none of %s".formatted(file, besides),
                        "Put it beside the card."));
    }

    private static String contents(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Files.exists(directory) ? "no files in it, since it is a file" : "no files, since it does not exist";
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .sorted()
                    .limit(5)
                    .toList();
            return names.isEmpty() ? "no files" : String.join(", ", names);
        }
    }
}
