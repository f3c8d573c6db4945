package dev.penstock.models.trust;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.card.InvalidModelCardException;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory that says whose bundles may run: the public key of each signer as {@code NAME.pub} and, in {@code
 * revoked.txt}, a line for each key, bundle or version of a model that counts no longer, such as {@code digits/7}, or
 * {@code digits/1-6} for whoever must not go back to them. Read anew each time, so that a key can be withdrawn while jobs
 * run. A line that cannot be understood makes all of it unreadable: nothing is trusted by mistake.
 */
public final class TrustStore {
    private static final String REVOKED = "revoked.txt";

    private final Path directory;

    public TrustStore(Path directory) {
        this.directory = directory;
    }

    /**
     * By name.
     *
     * @throws IOException if the directory is not there or cannot be read
     * @throws IllegalArgumentException if a file in it holds no public key
     */
    public List<VerifyingKey> keys() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.filter(file -> file.toString().endsWith(VerifyingKey.ENDING))
                    .sorted(Comparator.comparing(Path::getFileName))
                    .toList();
        }
        List<VerifyingKey> keys = new ArrayList<>();
        for (Path file : files) {
            keys.add(VerifyingKey.read(file));
        }
        return List.copyOf(keys);
    }

    /**
     * What counts no longer, as {@code revoked.txt} has it: ids of keys, digests of bundles, versions of models.
     *
     * @throws IllegalArgumentException if a line of it is none of these
     */
    public Set<String> revoked() throws IOException {
        return revocations().entries();
    }

    private Revocations revocations() throws IOException {
        return Revocations.read(directory.resolve(REVOKED));
    }

    /**
     * @param bundle its directory, whose files are those that its digests list
     * @param digest of it as it travels
     * @return whose signature it has
     * @throws BundleRefusedException unless a key of this store signed it, and neither it nor its version was revoked
     * @throws IllegalArgumentException if a file of this store cannot be understood
     */
    public VerifyingKey require(Path bundle, String digest) throws IOException {
        BundleSignature signature = BundleSignature.read(bundle)
                .orElseThrow(() -> new BundleRefusedException(
                        Reason.UNSIGNED,
                        "Cannot trust bundle %s: nobody signed it; sign it with 'penstock models sign'"
                                .formatted(bundle)));
        Revocations revoked = revocations();
        if (revoked.includeId(digest)) {
            throw new BundleRefusedException(
                    Reason.REVOKED, "Cannot trust bundle %s: its digest %s was revoked".formatted(bundle, digest));
        }
        List<VerifyingKey> known = keys();
        VerifyingKey signer = known.stream()
                .filter(key -> key.id().equals(signature.keyId()))
                .findFirst()
                .orElseThrow(() -> new BundleRefusedException(
                        Reason.UNKNOWN_SIGNER,
                        "Cannot trust bundle %s: key %s signed it, and those of %s are %s; put its public half there if it should count"
                                .formatted(bundle, printable(signature.keyId()), directory, names(known))));
        if (revoked.includeId(signer.id())) {
            throw new BundleRefusedException(
                    Reason.REVOKED,
                    "Cannot trust bundle %s: its signer, key '%s' (%s), was revoked"
                            .formatted(bundle, signer.name(), signer.id()));
        }
        if (!signature.isBy(signer, bundle)) {
            throw new BundleRefusedException(
                    Reason.INVALID_SIGNATURE,
                    "Cannot trust bundle %s: its signature is not of key '%s' (%s), or its %s was changed after that; sign it anew"
                            .formatted(
                                    bundle,
                                    signer.name(),
                                    signer.id(),
                                    Bundle.digestsFile(bundle).getFileName()));
        }
        requireVersion(bundle, revoked);
        return signer;
    }

    /** Whoever signed an old version with a fault in it signed it well: only its number tells that it must not return. */
    private static void requireVersion(Path bundle, Revocations revoked) throws IOException {
        ModelCard card;
        try {
            card = ModelCardReader.read(Bundle.cardFile(bundle));
        } catch (InvalidModelCardException | NoSuchFileException e) {
            return; // It names no version, and whoever opens the bundle says what is wrong with its card.
        }
        if (revoked.includeVersion(card.name(), card.version())) {
            throw new BundleRefusedException(
                    Reason.REVOKED,
                    "Cannot trust bundle %s: version %d of model '%s' was revoked; publish a later one"
                            .formatted(bundle, card.version(), card.name()));
        }
    }

    private static List<String> names(List<VerifyingKey> keys) {
        return keys.stream()
                .map(key -> "%s (%s)".formatted(key.name(), key.id()))
                .toList();
    }

    /** What a stranger wrote, fit for a log. */
    private static String printable(String text) {
        String plain = text.replaceAll("[^0-9a-zA-Z-]", "?");
        return plain.length() <= 64 ? plain : plain.substring(0, 64) + "…";
    }
}
