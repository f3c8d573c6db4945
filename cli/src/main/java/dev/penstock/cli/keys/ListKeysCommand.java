package dev.penstock.cli.keys;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.models.trust.VerifyingKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock keys list}. */
@Command(
        name = "list",
        description = "Shows whose signatures count in a directory of public keys.",
        footerHeading = "%nExample:%n",
        footer = {
            "  penstock keys list --trusted /etc/penstock/trusted-keys",
            "",
            "A line in the directory's revoked.txt withdraws a key by its id, a bundle by its digest,",
            "or versions of a model: digits/7, or digits/1-6. What stands behind it on the line is for people."
        })
final class ListKeysCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final TrustedKeys trusted = new TrustedKeys();

    @Override
    public Integer call() throws IOException {
        Path directory = trusted.directory(connection);
        try {
            TrustStore store = new TrustStore(directory);
            Set<String> revoked = store.revoked();
            List<Map<String, Object>> json = new ArrayList<>();
            Table table = Table.withColumns("NAME", "KEY ID", "COUNTS");
            for (VerifyingKey key : store.keys()) {
                boolean counts = !revoked.contains(key.id());
                json.add(Map.of("name", key.name(), "keyId", key.id(), "counts", counts));
                table.row(key.name(), key.id(), counts ? "yes" : "no, revoked");
            }
            output.result(json, table);
            return ExitCode.DONE;
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new CommandException(
                    "Cannot list keys: %s is no directory".formatted(directory),
                    "Name one with --trusted; 'penstock up' makes one of its own.",
                    ExitCode.MISUSED,
                    e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()),
                    "Remove what is no key, and correct what revoked.txt says.",
                    ExitCode.MISUSED,
                    e);
        }
    }
}
