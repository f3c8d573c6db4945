package dev.penstock.cli.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.CommandRun;
import dev.penstock.models.bundle.BundleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a key to a bundle that is trusted, and to one that is not. */
class KeysAndSignaturesTest {
    private static final String CARD = """
            card-version: 1
            name: words
            version: 2
            task: binary
            modality: record
            labels: [no, yes]
            inputs: {x: {features: [amount]}}
            outputs: {score: probabilities}
            """;

    @TempDir
    Path directory;

    private Path bundle;

    @BeforeEach
    void buildABundle() throws IOException {
        Path savedModel = Files.createDirectories(directory.resolve("export"));
        Files.writeString(savedModel.resolve("saved_model.pb"), "a graph");
        bundle = new BundleBuilder(CARD, savedModel)
                .build(directory.resolve("bundle"))
                .directory();
    }

    @Test
    void aBundleIsTrustedOnceATrustedKeySignedIt() throws IOException {
        CommandRun generated = run("keys", "generate", "release", "--directory", at("keys"), "--output", "json");
        trust("release");
        CommandRun unsigned = run("models", "verify", bundle.toString(), "--trusted", at("trusted"));
        CommandRun signed = run("models", "sign", bundle.toString(), "--key", at("keys/release.key"));
        CommandRun verified =
                run("models", "verify", bundle.toString(), "--trusted", at("trusted"), "--output", "json");

        assertThat(generated.exitCode()).as(generated.err()).isZero();
        assertThat(unsigned.exitCode()).isEqualTo(3);
        assertThat(unsigned.err()).contains("nobody signed it; sign it with 'penstock models sign'");
        assertThat(signed.out()).contains("Signed words version 2").contains("with key 'release'");
        assertThat(verified.exitCode()).isZero();
        assertThat(verified.json().path("keyId")).isEqualTo(generated.json().path("keyId"));
    }

    @Test
    void aRevokedKeyCountsNoLonger() throws IOException {
        String id = run("keys", "generate", "release", "--directory", at("keys"), "--output", "json")
                .json()
                .path("keyId")
                .asText();
        trust("release");
        run("models", "sign", bundle.toString(), "--key", at("keys/release.key"));
        Files.writeString(directory.resolve("trusted/revoked.txt"), id + " the laptop was lost\n");

        CommandRun verified = run("models", "verify", bundle.toString(), "--trusted", at("trusted"));
        CommandRun listed = run("keys", "list", "--trusted", at("trusted"));

        assertThat(verified.exitCode()).isEqualTo(3);
        assertThat(verified.err()).contains("its signer, key 'release' (" + id + "), was revoked");
        assertThat(listed.out()).contains("release").contains(id).contains("no, revoked");
    }

    @Test
    void aRevokedVersionIsToldFromALineThatCannotBeRead() throws IOException {
        run("keys", "generate", "release", "--directory", at("keys"));
        trust("release");
        run("models", "sign", bundle.toString(), "--key", at("keys/release.key"));
        Path revoked = directory.resolve("trusted/revoked.txt");

        Files.writeString(revoked, "words/1-2 they answer late\n");
        CommandRun verified = run("models", "verify", bundle.toString(), "--trusted", at("trusted"));
        Files.writeString(revoked, "words two\n");
        CommandRun mistyped = run("models", "verify", bundle.toString(), "--trusted", at("trusted"));

        assertThat(verified.exitCode()).isEqualTo(3);
        assertThat(verified.err()).contains("version 2 of model 'words' was revoked");
        assertThat(mistyped.exitCode()).isEqualTo(2);
        assertThat(mistyped.err()).contains("Cannot read line 1 of").contains("correct what revoked.txt says");
    }

    @Test
    void neverWritesOverAKey() {
        run("keys", "generate", "release", "--directory", at("keys"));

        CommandRun again = run("keys", "generate", "release", "--directory", at("keys"));

        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("is there already");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(run("keys", "generate", "My Key", "--directory", at("keys")).err())
                .contains("Cannot name a key 'My Key'");
        assertThat(run("keys", "list", "--trusted", at("nowhere")).err()).contains("is no directory");
        assertThat(run("models", "sign", bundle.toString(), "--key", at("nowhere.key"))
                        .err())
                .contains("there is no file");
        assertThat(run("models", "sign", bundle.toString(), "--data", at("nowhere"))
                        .err())
                .contains("no key was named")
                .contains("Make one with 'penstock keys generate'");
        assertThat(run("models", "verify", bundle.toString(), "--trusted", at("nowhere"))
                        .err())
                .contains("nobody signed it");
    }

    private String at(String path) {
        return directory.resolve(path).toString();
    }

    private void trust(String name) throws IOException {
        Files.createDirectories(directory.resolve("trusted"));
        Files.copy(directory.resolve("keys/" + name + ".pub"), directory.resolve("trusted/" + name + ".pub"));
    }

    private static CommandRun run(String... arguments) {
        return CommandRun.of(arguments);
    }
}
