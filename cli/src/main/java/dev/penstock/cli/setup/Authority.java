package dev.penstock.cli.setup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Issues certificates with the {@code keytool} that every Java runtime has, and forgets its own key when it is closed:
 * nobody can add an identity to those that it has issued. Needs a private directory to work in.
 */
final class Authority implements AutoCloseable {
    private static final String NAME = "authority";
    private static final String VALID_DAYS = "1825";
    /** Handed over in the environment, since everybody can read what a process was started with. */
    private static final String PASSWORD_VARIABLE = "PENSTOCK_KEY_STORE";

    private static final long PATIENCE_SECONDS = 60;

    private final Path directory;
    private final Path store;
    private final String password;

    private Authority(Path directory, String password) {
        this.directory = directory;
        this.store = directory.resolve("identities.p12");
        this.password = password;
    }

    /** @throws IllegalStateException if this Java runtime has no keytool, or it fails */
    static Authority create() throws InterruptedException {
        try {
            Authority authority = new Authority(Files.createTempDirectory("penstock-authority-"), Password.random());
            authority.keytool(
                    NAME,
                    "-dname",
                    "CN=Penstock authority",
                    "-ext",
                    "bc:c=ca:true,pathlen:0",
                    "-ext",
                    "ku:c=keyCertSign");
            return authority;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make certificates: " + e.getMessage(), e);
        }
    }

    /**
     * @param name its common name: brokers know who it is by that
     * @param hosts by which it is reached; none for one that only asks others
     */
    Identity issue(String name, List<String> hosts) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "-dname",
                "CN=" + name,
                "-signer",
                NAME,
                "-ext",
                "ku:c=digitalSignature",
                "-ext",
                "eku=serverAuth,clientAuth"));
        if (!hosts.isEmpty()) {
            arguments.add("-ext");
            arguments.add("san=" + hosts.stream().map(host -> "dns:" + host).collect(Collectors.joining(",")));
        }
        keytool(name, arguments.toArray(String[]::new));
        try {
            KeyStore keys = read();
            return new Identity(
                    (PrivateKey) keys.getKey(name, password.toCharArray()),
                    Arrays.stream(keys.getCertificateChain(name))
                            .map(X509Certificate.class::cast)
                            .toList());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot read the certificate of %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private KeyStore read() throws GeneralSecurityException {
        try (InputStream file = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(file, password.toCharArray());
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read certificates from " + store, e);
        }
    }

    private void keytool(String name, String... more) throws InterruptedException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = new ArrayList<>(List.of(
                keytool.toString(),
                // Two Java processes on two cores: no time to compile well.
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                VALID_DAYS,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass:env",
                PASSWORD_VARIABLE));
        command.addAll(Arrays.asList(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(PASSWORD_VARIABLE, password);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "Cannot make a certificate for %s: keytool says '%s'".formatted(name, said.strip()));
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot make certificates: %s does not run (%s); use a Java runtime that has it"
                            .formatted(keytool, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(store);
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete the authority's own key; delete " + directory, e);
        }
    }
}
