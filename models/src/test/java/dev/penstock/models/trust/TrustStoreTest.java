package dev.penstock.models.trust;

import static dev.penstock.models.bundle.Bundles.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.bundle.Bundles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustStoreTest {
    private static final String DIGEST = "ab".repeat(32);

    @TempDir
    Path directory;

    private Bundle bundle;
    private SigningKey release;
    private TrustStore store;

    @BeforeEach
    void trustOneKey() throws IOException {
        bundle = Bundles.build(directory);
        release = SigningKey.generate(directory.resolve("keys"), "release");
        trust("release");
        store = new TrustStore(directory.resolve("trusted"));
    }

    @Test
    void acceptsABundleThatATrustedKeySigned() throws IOException {
        BundleSignature.write(bundle, release);

        assertThat(store.require(bundle.directory(), DIGEST)).isEqualTo(release.verifyingKey());
        assertThat(Bundle.open(bundle.directory()).card()).isEqualTo(bundle.card());
    }

    @Test
    void refusesABundleThatNobodySigned() {
        assertRefused(() -> store.require(bundle.directory(), DIGEST), Reason.UNSIGNED, "nobody signed it");
    }

    @Test
    void refusesASignerWhomItDoesNotKnow() throws IOException {
        BundleSignature.write(bundle, SigningKey.generate(directory.resolve("elsewhere"), "stranger"));

        assertRefused(() -> store.require(bundle.directory(), DIGEST), Reason.UNKNOWN_SIGNER, "and those of");
    }

    @Test
    void refusesASignatureThatWasGivenForAnotherBundle() throws IOException {
        BundleSignature.write(bundle, release);
        Files.writeString(bundle.directory().resolve("model-card.yaml"), bundle.cardText() + "# changed\n");
        Path digests = Bundle.digestsFile(bundle.directory());
        Files.writeString(digests, Files.readString(digests).replaceFirst("[0-9a-f]{64}", "cd".repeat(32)));

        assertRefused(
                () -> store.require(bundle.directory(), DIGEST), Reason.INVALID_SIGNATURE, "was changed after that");
    }

    @Test
    void refusesASignatureThatClaimsAnotherSigner() throws IOException {
        SigningKey stranger = SigningKey.generate(directory.resolve("elsewhere"), "stranger");
        BundleSignature.write(bundle, stranger);
        Path signature = Bundle.signatureFile(bundle.directory());
        Files.writeString(
                signature,
                Files.readString(signature)
                        .replace(
                                stranger.verifyingKey().id(),
                                release.verifyingKey().id()));

        assertRefused(
                () -> store.require(bundle.directory(), DIGEST), Reason.INVALID_SIGNATURE, "is not of key 'release'");
    }

    @Test
    void refusesWhatWasRevokedWithoutBeingStartedAgain() throws IOException {
        BundleSignature.write(bundle, release);
        store.require(bundle.directory(), DIGEST);
        Path revoked = directory.resolve("trusted/revoked.txt");

        Files.writeString(revoked, "# lost laptop\n" + release.verifyingKey().id() + " since Monday\n");
        assertRefused(() -> store.require(bundle.directory(), DIGEST), Reason.REVOKED, "its signer, key 'release'");

        Files.writeString(revoked, DIGEST + "\n");
        assertRefused(
                () -> store.require(bundle.directory(), DIGEST),
                Reason.REVOKED,
                "its digest " + DIGEST + " was revoked");
    }

    @Test
    void refusesVersionsThatWereRevokedWhateverTheirBundlesAre() throws IOException {
        BundleSignature.write(bundle, release);
        Path revoked = directory.resolve("trusted/revoked.txt");

        for (String entry : new String[] {"words/2", "words/1-2", "words/2-9 they answer late"}) {
            Files.writeString(revoked, entry + "\n");
            assertRefused(
                    () -> store.require(bundle.directory(), DIGEST),
                    Reason.REVOKED,
                    "version 2 of model 'words' was revoked");
        }

        Files.writeString(revoked, "words/1\nwords/3-9\nother/2\n");
        assertThat(store.require(bundle.directory(), DIGEST)).isEqualTo(release.verifyingKey());
        assertThat(store.revoked()).containsExactlyInAnyOrder("words/1", "words/3-9", "other/2");
    }

    @Test
    void trustsNobodyWhileItCannotReadWhatWasRevoked() throws IOException {
        BundleSignature.write(bundle, release);

        for (String entry : new String[] {"words", "words/two", "words/9-2", "words/", "3f9c", "ab".repeat(31)}) {
            Files.writeString(directory.resolve("trusted/revoked.txt"), "# typed in a hurry\n" + entry + "\n");

            assertThatThrownBy(() -> store.require(bundle.directory(), DIGEST))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("Cannot read line 2 of ")
                    .hasMessageContaining("'%s' is no key's id".formatted(entry));
        }
    }

    @Test
    void refusesASignatureThatItCannotRead() throws IOException {
        for (String written : new String[] {
            "",
            "{}",
            "{\"signature-version\": 2, \"algorithm\": \"Ed25519\", \"key-id\": \"a\", \"signature\": \"b\"}",
            "{\"signature-version\": 1, \"algorithm\": \"none\", \"key-id\": \"a\", \"signature\": \"\"}",
            "x".repeat(5_000)
        }) {
            Files.writeString(Bundle.signatureFile(bundle.directory()), written);

            assertRefused(
                    () -> store.require(bundle.directory(), DIGEST),
                    Reason.INVALID_SIGNATURE,
                    "its signature cannot be read");
        }
    }

    @Test
    void signsTheSameBundleAlikeEachTime() throws IOException {
        BundleSignature first = BundleSignature.write(bundle, release);
        SigningKey again = SigningKey.read(directory.resolve("keys/release.key"));

        assertThat(BundleSignature.write(bundle, again)).isEqualTo(first);
    }

    @Test
    void keepsPrivateKeysPrivate() throws IOException {
        Path file = directory.resolve("keys/release.key");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(release.toString())
                .isEqualTo("key 'release' (%s)".formatted(release.verifyingKey().id()));
        assertThatThrownBy(() -> SigningKey.generate(directory.resolve("keys"), "release"))
                .isInstanceOf(FileAlreadyExistsException.class);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> SigningKey.read(file)).hasMessageContaining("chmod 600 it");
    }

    @Test
    void refusesFilesThatAreNoKeys() throws IOException {
        SigningKey.generate(directory.resolve("keys"), "other");
        Path release = directory.resolve("keys/release.key");
        Files.copy(
                directory.resolve("keys/other.pub"),
                directory.resolve("keys/release.pub"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> SigningKey.read(release))
                .hasMessageContaining("release.pub beside it is the public half of another key");

        Files.writeString(directory.resolve("trusted/notes.pub"), "no key");
        assertThatThrownBy(() -> store.keys()).hasMessageContaining("notes.pub: it is no PEM file with a PUBLIC KEY");
    }

    private void trust(String name) throws IOException {
        Files.createDirectories(directory.resolve("trusted"));
        Files.copy(directory.resolve("keys/" + name + ".pub"), directory.resolve("trusted/" + name + ".pub"));
    }
}
