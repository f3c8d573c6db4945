package dev.penstock.cli.models;

import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.models.inspection.CardProposal;
import dev.penstock.models.inspection.Inspection;
import dev.penstock.models.inspection.SavedModelInspector;
import dev.penstock.models.tensorflow.NoSavedModelException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock models inspect}. */
@Command(
        name = "inspect",
        description = {
            "Looks at a SavedModel without running it: its signatures, whether it can serve and why not, and what a model"
                    + " card for it would say.",
            "Lines of the proposed card that are marked '# check' say what the model does not tell."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock models inspect my-model/",
            "  penstock models inspect my-model/ --write-card card.yaml",
            "",
            "Exit code 3 says that the model cannot serve."
        })
final class InspectCommand implements Callable<Integer> {
    private static final String SAVED_MODEL_OF_BUNDLE = "saved-model";

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "DIR", description = "A SavedModel, or a bundle with one.")
    private Path directory = Path.of(".");

    @Option(
            names = "--write-card",
            paramLabel = "FILE",
            description = "Write the proposed card there instead of printing it; the file must not exist.")
    private @Nullable Path cardFile;

    @Override
    public Integer call() throws IOException {
        Inspection inspection = inspection();
        Optional<String> card = CardProposal.of(inspection).map(CardProposal::yaml);
        Path file = cardFile;
        if (output.isJson()) {
            output.result(json(inspection, card), Table.withColumns());
        } else {
            output.out().print(inspection.report());
            if (file == null) {
                card.ifPresent(proposed -> output.out().printf("%nA model card for it:%n%n%s", proposed));
            }
        }
        if (card.isEmpty()) {
            output.note("No model card can be proposed for it.");
        } else if (file != null) {
            write(card.get(), file);
            output.note("Wrote the proposed card to %s; look at the lines marked '# check' before importing."
                    .formatted(file));
        }
        return inspection.refusal().isEmpty() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    private Inspection inspection() throws IOException {
        Path ofBundle = directory.resolve(SAVED_MODEL_OF_BUNDLE);
        try {
            return SavedModelInspector.inspect(Files.isDirectory(ofBundle) ? ofBundle : directory);
        } catch (NoSavedModelException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()),
                    "Name the directory that tf.saved_model.save or model.export wrote.",
                    ExitCode.MISUSED,
                    e);
        }
    }

    private static void write(String card, Path file) throws IOException {
        try {
            Files.writeString(file, card, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(
                    "Cannot write the proposed card to %s: it exists".formatted(file),
                    "Name another file, or move that one away.",
                    ExitCode.MISUSED,
                    e);
        }
    }

    private static Map<String, @Nullable Object> json(Inspection inspection, Optional<String> card) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("directory", inspection.directory().toString());
        json.put("canServe", inspection.refusal().isEmpty());
        json.put("refusal", inspection.refusal().orElse(null));
        json.put("trainable", inspection.trainable());
        json.put("graphs", InspectionJson.graphs(inspection.model()));
        json.put("proposedCard", card.orElse(null));
        return json;
    }
}
