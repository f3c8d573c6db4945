package dev.penstock.cli.setup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A directory of what a cluster's parts know each other by. Only its owner may read what it holds; what the broker and
 * the registry need may be read by the owner's group, since they run as users of their own.
 */
final class Secrets {
    /** Signs what people publish, and what the retrain job makes. */
    private static final List<String> SIGNERS = List.of("release", "retrain");

    private static final String BROKER = "kafka";
    private static final String REGISTRY = "registry";
    /** May do everything at the brokers, from their own listener: it makes users and says what they may do. */
    private static final String ADMINISTRATOR = "administrator";

    private static final String AUTHORITY = "authority.jks";
    /** That of Apicurio Registry's build; its users' digests are made with it. */
    private static final String REALM = "Quarkus";

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> GROUP = PosixFilePermissions.fromString("rw-r-----");
    private static final Set<PosixFilePermission> GROUP_FOLDER = PosixFilePermissions.fromString("rwxr-x---");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> EVERYBODY = PosixFilePermissions.fromString("rw-r--r--");

    private final Path directory;

    Secrets(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    /**
     * Makes what is missing. Certificates are made all together or not at all: they vouch for each other.
     *
     * @param hosts by which brokers and registry are reached
     */
    void makeMissing(List<String> hosts) throws IOException, InterruptedException {
        for (SecretFolder folder : SecretFolder.values()) {
            Path path = folder.in(directory);
            Files.createDirectories(path);
            Files.setPosixFilePermissions(
                    path,
                    switch (folder) {
                        case KAFKA, REGISTRY -> GROUP_FOLDER;
                        case TRUSTED -> PosixFilePermissions.fromString("rwxr-xr-x");
                        default -> OWNER_FOLDER;
                    });
        }
        makeSigningKeys();
        makePasswords();
        if (!Files.exists(file(SecretFolder.COMMAND, ADMINISTRATOR + ".pem"))) {
            makeCertificates(hosts);
        }
        writeClientSettings();
        writeRegistryUsers();
    }

    /** @throws NoSuchFileException if they were never made */
    Map<Login, String> passwords() throws IOException {
        Map<Login, String> passwords = new EnumMap<>(Login.class);
        for (Login login : Login.all()) {
            passwords.put(
                    login,
                    Files.readString(password(SecretFolder.COMMAND, login)).strip());
        }
        return passwords;
    }

    private void makeSigningKeys() throws IOException {
        for (String signer : SIGNERS) {
            SecretFolder folder = signer.equals("retrain") ? SecretFolder.JOBS : SecretFolder.COMMAND;
            if (!Files.exists(file(folder, signer + SigningKey.ENDING))) {
                SigningKey.generate(folder.in(directory), signer);
            }
            Path trusted = file(SecretFolder.TRUSTED, signer + ".pub");
            Files.copy(file(folder, signer + ".pub"), trusted, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(trusted, EVERYBODY);
        }
    }

    private void makePasswords() throws IOException {
        for (Login login : Login.all()) {
            Path kept = password(SecretFolder.COMMAND, login);
            if (!Files.exists(kept)) {
                write(kept, Password.random() + "\n", OWNER);
            }
            Path own = password(login.folder(), login);
            if (!own.equals(kept)) {
                write(own, Files.readString(kept), OWNER);
            }
        }
    }

    private void makeCertificates(List<String> hosts) throws IOException, InterruptedException {
        try (Authority authority = Authority.create()) {
            Identity broker = authority.issue(BROKER, hosts);
            Identity registry = authority.issue(REGISTRY, hosts);
            Identity administrator = authority.issue(ADMINISTRATOR, List.of());
            X509Certificate root = broker.chain().get(broker.chain().size() - 1);
            write(file(SecretFolder.KAFKA, BROKER + ".pem"), broker.keyPem() + broker.chainPem(), GROUP);
            write(file(SecretFolder.KAFKA, "authority.pem"), Identity.pem(root), GROUP);
            write(file(SecretFolder.REGISTRY, REGISTRY + ".key"), registry.keyPem(), GROUP);
            write(file(SecretFolder.REGISTRY, REGISTRY + ".crt"), registry.chainPem(), GROUP);
            for (SecretFolder folder : List.of(SecretFolder.INGEST, SecretFolder.JOBS, SecretFolder.COMMAND)) {
                writeTrustStore(file(folder, AUTHORITY), root);
            }
            // For programs that are not in Java.
            write(file(SecretFolder.TRUSTED, "authority.pem"), Identity.pem(root), EVERYBODY);
            // Last: its being there says that all are.
            write(
                    file(SecretFolder.COMMAND, ADMINISTRATOR + ".pem"),
                    administrator.keyPem() + administrator.chainPem(),
                    OWNER);
        }
    }

    /**
     * There is nothing to hide in it, so nobody is given its password: this format is read without, which PKCS #12 is not.
     */
    private static void writeTrustStore(Path file, X509Certificate root) throws IOException {
        write(file, "", OWNER);
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            store.setCertificateEntry("authority", root);
            store.store(out, Password.random().toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot write %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** One file of properties for each way that the wire may be, and for each who uses the command. */
    private void writeClientSettings() throws IOException {
        String operator = passwords().get(Login.OPERATOR);
        String trust = """
                ssl.truststore.type=JKS
                ssl.truststore.location=%1$s
                schema.registry.ssl.truststore.type=JKS
                schema.registry.ssl.truststore.location=%1$s
                basic.auth.credentials.source=USER_INFO
                basic.auth.user.info=%2$s:%3$s
                """.formatted(file(SecretFolder.COMMAND, AUTHORITY), Login.OPERATOR.user(), operator);
        write(
                file(SecretFolder.COMMAND, "secure-operator.properties"),
                """
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" password="%s";
                """.formatted(Login.OPERATOR.user(), operator) + trust,
                OWNER);
        write(
                file(SecretFolder.COMMAND, "secure-administrator.properties"),
                """
                security.protocol=SSL
                ssl.keystore.type=PEM
                ssl.keystore.location=%s
                """.formatted(file(SecretFolder.COMMAND, ADMINISTRATOR + ".pem")) + trust,
                OWNER);
        for (String name : List.of("operator", ADMINISTRATOR)) {
            write(
                    file(SecretFolder.COMMAND, "plaintext-%s.properties".formatted(name)),
                    "security.protocol=PLAINTEXT\n",
                    OWNER);
        }
    }

    /** What Quarkus, in which Apicurio Registry is written, reads beside its environment. */
    private void writeRegistryUsers() throws IOException {
        String users = passwords().entrySet().stream()
                .map(login -> """
                        quarkus.security.users.embedded.users.%1$s=%2$s
                        quarkus.security.users.embedded.roles.%1$s=sr-developer
                        """.formatted(
                                login.getKey().user(), digest(login.getKey().user(), login.getValue())))
                .collect(Collectors.joining());
        write(
                file(SecretFolder.REGISTRY, "registry.properties"),
                """
                # Nobody without a login, and nothing in clear.
                quarkus.http.insecure-requests=disabled
                quarkus.http.ssl-port=8080
                quarkus.http.ssl.certificate.files=%1$s/registry.crt
                quarkus.http.ssl.certificate.key-files=%1$s/registry.key
                quarkus.http.auth.basic=true
                quarkus.http.auth.permission.known.paths=/apis/*
                quarkus.http.auth.permission.known.policy=authenticated
                quarkus.security.users.embedded.plain-text=false
                """.formatted(SecretFolder.REGISTRY.in(directory)) + users,
                GROUP);
    }

    /** As HTTP's digest authentication has it (RFC 7616, MD5): all that Quarkus' built-in users offer. */
    private static String digest(String user, String password) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5")
                    .digest("%s:%s:%s".formatted(user, REALM, password).getBytes(UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot write the registry's users: " + e.getMessage(), e);
        }
    }

    private Path password(SecretFolder folder, Login login) {
        return file(folder, login.user() + ".password");
    }

    private Path file(SecretFolder folder, String name) {
        return folder.in(directory).resolve(name);
    }

    /** Empty first: nobody else can read what is not there yet. */
    private static void write(Path file, String content, Set<PosixFilePermission> readers) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(OWNER));
        Files.writeString(beside, content, StandardOpenOption.WRITE);
        Files.setPosixFilePermissions(beside, readers);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
