package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.ModelVersion;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock models show}. */
@Command(
        name = "show",
        description = "Shows one version: its card, its digest, where its bundle is, who published it and when.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock models show fraud", "  penstock models show fraud:3 --output json"})
final class ShowCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "NAME[:VERSION]", description = "The version; without a number the newest one.")
    private String wanted = "";

    @Override
    public Integer call() throws InterruptedException {
        Published published = Published.read(connection, pipelinesFile);
        ModelVersion version = find(published);
        Map<String, Object> json = VersionView.json(version, published.askedBy(version.getModel()));
        json.put("card", version.getCard());
        Table table = Table.withColumns("MODEL", version.getModel())
                .row("version", version.getVersion())
                .row("modality", VersionView.modality(version))
                .row("digest", version.getDigest())
                .row("size", VersionView.size(version))
                .row("bundle", VersionView.location(version))
                .row("published", VersionView.publishedAt(version))
                .row("by", version.getPublishedBy())
                .row("asked by pipeline", published.askedByInWords(version.getModel()));
        output.result(json, table);
        if (!output.isJson()) {
            output.out().println();
            output.out().println(version.getCard().stripTrailing());
        }
        return ExitCode.DONE;
    }

    private ModelVersion find(Published published) {
        int colon = wanted.lastIndexOf(':');
        String name = colon < 0 ? wanted : wanted.substring(0, colon);
        List<ModelVersion> versions = published.versions().stream()
                .filter(version -> version.getModel().equals(name))
                .toList();
        if (versions.isEmpty()) {
            throw CommandException.misused(
                    "Cannot show '%s': no version of model '%s' is published".formatted(wanted, name),
                    published.models().isEmpty()
                            ? "Nothing is published yet: penstock models import DIR --card card.yaml"
                            : "The models are %s.".formatted(String.join(", ", published.models())));
        }
        if (colon < 0) {
            return versions.stream()
                    .max(Comparator.comparingInt(ModelVersion::getVersion))
                    .orElseThrow();
        }
        String number = wanted.substring(colon + 1);
        Optional<ModelVersion> found = versions.stream()
                .filter(version -> Integer.toString(version.getVersion()).equals(number))
                .findFirst();
        return found.orElseThrow(() -> CommandException.misused(
                "Cannot show '%s': model '%s' has no version %s".formatted(wanted, name, number),
                "Its versions are %s."
                        .formatted(versions.stream()
                                .map(version -> Integer.toString(version.getVersion()))
                                .collect(Collectors.joining(", ")))));
    }
}
