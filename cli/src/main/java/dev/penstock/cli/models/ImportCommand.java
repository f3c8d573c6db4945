package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleArchive;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.card.CardProblem;
import dev.penstock.models.card.InvalidModelCardException;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.tensorflow.WarmUp;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock models import}. */
@Command(
        name = "import",
        description = {
            "Publishes a SavedModel with its model card as a version of a model, or a bundle as it is.",
            "The model is loaded and called here first, and its answers are compared with the bundle's golden examples if"
                    + " there are any: what cannot serve is not published."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock models import my-model/ --card card.yaml",
            "  penstock models import my-model/ --card card.yaml --version next",
            "",
            "Exit code 3 says that the model was refused."
        })
final class ImportCommand implements Callable<Integer> {
    /** For what is on the user's own disk already. */
    private static final BundleLimits NO_LIMITS = new BundleLimits(Long.MAX_VALUE, Integer.MAX_VALUE);

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final SigningOptions signing = new SigningOptions();

    @Mixin
    private final Output output = new Output();

    /** The usual one is left out where a command has a {@code --version} of its own. */
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // Its being there is what counts: picocli sets it and prints the help.
    private boolean helpRequested;

    @Parameters(paramLabel = "DIR", description = "A SavedModel or a bundle.")
    private Path directory = Path.of(".");

    @Option(
            names = "--card",
            paramLabel = "FILE",
            description =
                    "The model card; files that it names, such as a vocabulary, are looked for beside it and in DIR"
                            + " (default for a bundle: its own).")
    private @Nullable Path card;

    @Option(
            names = "--version",
            paramLabel = "N",
            converter = VersionNumber.Converter.class,
            description =
                    "The version, instead of the one in the card: a number, or 'next' for one above the highest that"
                            + " is published.")
    private @Nullable VersionNumber version;

    @Option(
            names = "--by",
            paramLabel = "WHO",
            defaultValue = "${sys:user.name}",
            description = "Who publishes it (default: ${DEFAULT-VALUE}).")
    private String publishedBy = "";

    @Option(
            names = "--unsigned",
            description = "Publish it without a signature; jobs load it only if they trust anybody.")
    private boolean unsigned;

    @Option(names = "--no-check", description = "Do not load and call the model here before it is published.")
    private boolean unchecked;

    @Option(
            names = "--shared",
            paramLabel = "DIR",
            description = "Where a bundle of more than 256 MiB is put: a directory that every job can read under this"
                    + " path. Smaller ones travel through Kafka.")
    private @Nullable Path shared;

    @Override
    public Integer call() throws InterruptedException, IOException {
        try {
            ImportSource source = ImportSource.find(directory, Optional.ofNullable(card));
            // Before anybody is asked, so that a mistake in the card is told at once.
            String model = source.card().name();
            Published published = Published.read(connection, pipelinesFile);
            return publish(
                    version == null ? source : source.withVersion(version.of(model, published.versions())), published);
        } catch (InvalidModelCardException e) {
            throw new CommandException(
                    "Cannot use the model card:%n  %s"
                            .formatted(e.problems().stream()
                                    .map(CardProblem::toString)
                                    .collect(Collectors.joining("%n  ".formatted()))),
                    "Correct it; nothing was published.",
                    ExitCode.MISUSED,
                    e);
        } catch (ModelRefusedException | BundleRefusedException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()),
                    "Nothing was published. 'penstock models inspect %s' shows what is in it.".formatted(directory),
                    ExitCode.CHECK_FAILED,
                    e);
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    "Cannot import: there is no file %s".formatted(e.getFile()),
                    "Correct the path.",
                    ExitCode.MISUSED,
                    e);
        }
    }

    private int publish(ImportSource source, Published published) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("penstock-import");
        try {
            Bundle bundle = signed(source.bundle(work.resolve("bundle")), work);
            Optional<WarmUp> warmUp = unchecked ? Optional.empty() : Optional.of(check(bundle));
            boolean known = published.versions().stream()
                    .anyMatch(each -> each.getModel().equals(bundle.card().name())
                            && each.getVersion() == bundle.card().version());
            ModelVersion announced = publish(bundle, published);
            print(announced, warmUp, published);
            output.note(
                    known
                            ? "It was published before, with the same content."
                            : "Published. Jobs that ask for it load it now.");
            return ExitCode.DONE;
        } finally {
            delete(work);
        }
    }

    /** A signature that the bundle has already is its author's, and stays; a directory of the user's is not written to. */
    private Bundle signed(Bundle bundle, Path work) throws IOException {
        if (unsigned || BundleSignature.read(bundle.directory()).isPresent()) {
            return bundle;
        }
        SigningKey key = signing.require(connection);
        Path archive = work.resolve("unsigned.zip");
        BundleArchive.pack(bundle.directory(), archive);
        Bundle copy = BundleArchive.unpack(archive, work.resolve("signed"), NO_LIMITS);
        BundleSignature.write(copy, key);
        return copy;
    }

    private WarmUp check(Bundle bundle) throws IOException {
        output.note("Loading the model to see whether it works...");
        try (TensorFlowModel model = TensorFlowModel.load(bundle, TensorFlowRuntime.inCallingThread())) {
            return model.warmUp();
        }
    }

    private ModelVersion publish(Bundle bundle, Published published) throws IOException, InterruptedException {
        BundlePublisher.Limits limits = new BundlePublisher.Limits(
                BundlePublisher.Limits.usual().largestInChunks(),
                Optional.ofNullable(shared).map(Path::toAbsolutePath));
        try (Producer<String, SpecificRecord> producer = connection.producer()) {
            return new BundlePublisher(producer, limits, Clock.systemUTC())
                    .publish(bundle.directory(), published.versions(), publishedBy);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()),
                    "--version next takes the next number; --shared DIR takes large bundles.",
                    ExitCode.MISUSED,
                    e);
        }
    }

    private void print(ModelVersion announced, Optional<WarmUp> warmUp, Published published) {
        String model = announced.getModel();
        Map<String, Object> json = VersionView.json(announced, published.askedBy(model));
        warmUp.ifPresent(checked -> {
            json.put("goldenExamples", checked.goldenExamples());
            json.put("warmUpMillis", checked.took().toMillis());
        });
        Table table = Table.withColumns("MODEL", model)
                .row("version", announced.getVersion())
                .row("digest", announced.getDigest())
                .row("size", VersionView.size(announced))
                .row(
                        "bundle",
                        "%s, %d chunks"
                                .formatted(
                                        VersionView.location(announced),
                                        announced.getLocation().getChunks()))
                .row("checked", warmUp.map(ImportCommand::inWords).orElse("no"))
                .row("asked by pipeline", published.askedByInWords(model));
        output.result(json, table);
    }

    private static String inWords(WarmUp warmUp) {
        return warmUp.goldenExamples() == 0
                ? "called in %d ms; there are no golden examples"
                        .formatted(warmUp.took().toMillis())
                : "%d golden examples in %d ms, largest difference %.4f"
                        .formatted(warmUp.goldenExamples(), warmUp.took().toMillis(), warmUp.largestDifference());
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> found = Files.walk(directory)) {
            deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            try {
                Files.delete(path);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot delete %s".formatted(path), e);
            }
        }
    }
}
