package dev.penstock.models.trust;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Set;

/** An Ed25519 key with which bundles are signed: {@code NAME.key}, and its public half beside it in {@code NAME.pub}. */
public final class SigningKey {
    public static final String ENDING = ".key";
    private static final String PEM = "PRIVATE KEY";
    private static final byte[] PROBE = {1};
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final PrivateKey key;
    private final VerifyingKey verifyingKey;

    private SigningKey(PrivateKey key, VerifyingKey verifyingKey) {
        this.key = key;
        this.verifyingKey = verifyingKey;
    }

    /**
     * Makes a key and writes both halves; only the owner may read the private one.
     *
     * @param name without ending
     * @throws FileAlreadyExistsException if one of the files is there already
     */
    public static SigningKey generate(Path directory, String name) throws IOException {
        KeyPair pair;
        try {
            pair = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot make a key: this Java has no " + VerifyingKey.ALGORITHM, e);
        }
        Files.createDirectories(directory);
        Path file = directory.resolve(name + ENDING);
        Path publicFile = directory.resolve(name + VerifyingKey.ENDING);
        if (Files.exists(publicFile)) {
            throw new FileAlreadyExistsException(publicFile.toString());
        }
        // Empty first: nobody else can read what is not there yet.
        Files.writeString(file, "", StandardOpenOption.CREATE_NEW);
        if (hasPermissions(file)) {
            Files.setPosixFilePermissions(file, OWNER_ONLY);
        }
        Files.writeString(file, Pem.write(PEM, pair.getPrivate().getEncoded()));
        Files.writeString(
                publicFile, Pem.write(VerifyingKey.PEM, pair.getPublic().getEncoded()));
        return new SigningKey(pair.getPrivate(), new VerifyingKey(name, pair.getPublic()));
    }

    /**
     * @param file {@code NAME.key}, with {@code NAME.pub} beside it
     * @throws IllegalArgumentException if it holds no such key, others may read it, or the halves do not belong together
     * @throws java.nio.file.NoSuchFileException if one of the halves is not there
     */
    public static SigningKey read(Path file) throws IOException {
        if (hasPermissions(file) && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IllegalArgumentException(
                    "Cannot sign with %s: others than its owner may read or write it; chmod 600 it".formatted(file));
        }
        String name = file.getFileName().toString();
        String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
        PrivateKey key;
        try {
            key = KeyFactory.getInstance(VerifyingKey.ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(Pem.read(PEM, file)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "Cannot sign with %s: it is no %s key; 'penstock keys generate' writes one"
                            .formatted(file, VerifyingKey.ALGORITHM),
                    e);
        }
        VerifyingKey publicHalf = VerifyingKey.read(file.resolveSibling(stem + VerifyingKey.ENDING));
        SigningKey both = new SigningKey(key, publicHalf);
        if (!publicHalf.verifies(PROBE, both.sign(PROBE))) {
            throw new IllegalArgumentException("Cannot sign with %s: %s%s beside it is the public half of another key"
                    .formatted(file, stem, VerifyingKey.ENDING));
        }
        return both;
    }

    public VerifyingKey verifyingKey() {
        return verifyingKey;
    }

    /** The same bytes for the same message, always (RFC 8032). */
    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(VerifyingKey.ALGORITHM);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot sign: " + e.getMessage(), e);
        }
    }

    private static boolean hasPermissions(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Never the key itself. */
    @Override
    public String toString() {
        return "key '%s' (%s)".formatted(verifyingKey.name(), verifyingKey.id());
    }
}
