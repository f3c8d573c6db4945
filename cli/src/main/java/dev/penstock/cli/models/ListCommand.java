package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.ModelVersion;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock models list}. */
@Command(
        name = "list",
        description = "Lists the versions that are published.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock models list", "  penstock models list fraud --output json"})
final class ListCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "List the versions of this model only.")
    private @Nullable String name;

    @Override
    public Integer call() throws InterruptedException {
        Published published = Published.read(connection, pipelinesFile);
        List<ModelVersion> versions = published.versions().stream()
                .filter(version -> name == null || version.getModel().equals(name))
                .toList();
        Table table = Table.withColumns(
                "MODEL", "VERSION", "MODALITY", "DIGEST", "SIZE", "PUBLISHED", "BY", "ASKED BY PIPELINE");
        for (ModelVersion version : versions) {
            table.row(
                    version.getModel(),
                    version.getVersion(),
                    VersionView.modality(version),
                    VersionView.digest(version),
                    VersionView.size(version),
                    VersionView.publishedAt(version),
                    version.getPublishedBy(),
                    published.askedByInWords(version.getModel()));
        }
        output.result(
                versions.stream()
                        .map(version -> VersionView.json(version, published.askedBy(version.getModel())))
                        .toList(),
                table);
        if (versions.isEmpty()) {
            output.note(
                    name == null
                            ? "Nothing is published yet: penstock models import DIR --card card.yaml"
                            : "Model '%s' has no version; the models are %s.".formatted(name, published.models()));
        }
        return ExitCode.DONE;
    }
}
