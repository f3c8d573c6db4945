package dev.penstock.cli.setup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
    @TempDir
    static Path directory;

    private static Map<String, String> made;

    @BeforeAll
    static void make() throws Exception {
        new Secrets(directory).makeMissing(List.of("kafka", "localhost"));
        made = contents();
    }

    @Test
    void everyProcessFindsWhatItNeedsAndNothingElse() {
        assertThat(made.keySet())
                .containsExactlyInAnyOrder(
                        "kafka/kafka.pem",
                        "kafka/authority.pem",
                        "registry/registry.crt",
                        "registry/registry.key",
                        "registry/registry.properties",
                        "ingest/ingest.password",
                        "ingest/authority.jks",
                        "jobs/inference.password",
                        "jobs/rollout.password",
                        "jobs/retrain.password",
                        "jobs/retrain.key",
                        "jobs/retrain.pub",
                        "jobs/authority.jks",
                        "command/ingest.password",
                        "command/inference.password",
                        "command/rollout.password",
                        "command/retrain.password",
                        "command/operator.password",
                        "command/release.key",
                        "command/release.pub",
                        "command/authority.jks",
                        "command/administrator.pem",
                        "command/secure-operator.properties",
                        "command/secure-administrator.properties",
                        "command/plaintext-operator.properties",
                        "command/plaintext-administrator.properties",
                        "trusted/release.pub",
                        "trusted/retrain.pub",
                        "trusted/authority.pem");
    }

    @Test
    void onlyItsOwnerReadsASecretAndTheBrokersOnlyItsGroup() throws IOException {
        for (String file : made.keySet()) {
            String readers = PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file)));
            String folder = file.substring(0, file.indexOf('/'));
            switch (folder) {
                case "kafka", "registry" -> assertThat(readers).as(file).isEqualTo("rw-r-----");
                case "trusted" -> assertThat(readers).as(file).isEqualTo("rw-r--r--");
                default -> {
                    if (!file.endsWith(".pub")) {
                        assertThat(readers).as(file).isEqualTo("rw-------");
                    }
                }
            }
        }
    }

    @Test
    void noTwoLoginsHaveTheSamePassword() throws IOException {
        Map<Login, String> passwords = new Secrets(directory).passwords();

        assertThat(passwords.values()).doesNotHaveDuplicates().allMatch(password -> password.length() == 32);
        assertThat(made.get("jobs/inference.password")).contains(passwords.get(Login.INFERENCE));
    }

    @Test
    void whatIsThereStaysAndWhatIsMissingIsMade() throws Exception {
        Files.delete(directory.resolve("ingest/ingest.password"));

        new Secrets(directory).makeMissing(List.of("kafka", "localhost"));

        assertThat(contents()).isEqualTo(made);
    }

    @Test
    void theJobsKeySigns() throws IOException {
        SigningKey key = SigningKey.read(directory.resolve("jobs/retrain.key"));

        assertThat(key.verifyingKey().name()).isEqualTo("retrain");
    }

    @Test
    void whoTrustsTheAuthorityReachesTheBrokerByItsNames() throws Exception {
        assertThat(handshake("localhost")).contains("CN=kafka");
        assertThat(handshake("kafka")).contains("CN=kafka");
    }

    @Test
    void theCertificateIsForNoOtherHost() {
        assertThatThrownBy(() -> handshake("elsewhere")).isInstanceOf(SSLHandshakeException.class);
    }

    /** As Kafka's broker and a client of the JDK do it. */
    private static String handshake(String host) throws Exception {
        try (DefaultSslEngineFactory broker = new DefaultSslEngineFactory()) {
            broker.configure(Map.of(
                    "ssl.protocol",
                    "TLSv1.3",
                    "ssl.cipher.suites",
                    List.of(),
                    "ssl.enabled.protocols",
                    List.of("TLSv1.3"),
                    "ssl.keystore.type",
                    "PEM",
                    "ssl.keystore.location",
                    directory.resolve("kafka/kafka.pem").toString()));
            KeyStore trusted = KeyStore.getInstance("JKS");
            try (InputStream file = Files.newInputStream(directory.resolve("ingest/authority.jks"))) {
                trusted.load(file, null);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext client = SSLContext.getInstance("TLSv1.3");
            client.init(null, trust.getTrustManagers(), null);
            return subjectSeen(broker.sslContext(), client, host);
        }
    }

    private static String subjectSeen(SSLContext broker, SSLContext client, String host) throws Exception {
        try (SSLServerSocket server =
                (SSLServerSocket) broker.getServerSocketFactory().createServerSocket(0)) {
            Thread answering = new Thread(() -> {
                try (SSLSocket accepted = (SSLSocket) server.accept()) {
                    accepted.startHandshake();
                } catch (IOException e) {
                    // The client says what is wrong.
                }
            });
            answering.start();
            try (Socket plain = new Socket("localhost", server.getLocalPort());
                    SSLSocket socket = (SSLSocket)
                            client.getSocketFactory().createSocket(plain, host, server.getLocalPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return socket.getSession().getPeerPrincipal().getName();
            } finally {
                answering.join();
            }
        }
    }

    private static Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(directory.relativize(file).toString(), new String(Files.readAllBytes(file), UTF_8));
            }
        }
        return contents;
    }
}
