package dev.penstock.local;

import dev.penstock.schemas.topics.Application;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * A broker that asks for a login and allows nothing by itself, with an account for each application, one for a stranger
 * who has no rights at all, and a superuser who gives rights.
 */
public final class SecuredBroker implements AutoCloseable {
    public static final String SUPERUSER = "root";
    public static final String STRANGER = "stranger";

    private static final String KEYSTORE_PASSWORD = "keystore-password";
    private static final int KEYTOOL_SECONDS = 60;

    private final EmbeddedBroker broker;
    private final BrokerSecurity security;

    private SecuredBroker(EmbeddedBroker broker, BrokerSecurity security) {
        this.broker = broker;
        this.security = security;
    }

    /** Logins in the clear, on loopback. */
    public static SecuredBroker start(Path directory) {
        return start(directory, Optional.empty());
    }

    /** Behind TLS, with a certificate that is made for this broker. */
    public static SecuredBroker startWithTls(Path directory) throws IOException, InterruptedException {
        return start(directory, Optional.of(certificate(Files.createDirectories(directory))));
    }

    private static SecuredBroker start(Path directory, Optional<BrokerSecurity.Tls> tls) {
        Map<String, String> passwords = new TreeMap<>();
        Arrays.stream(Application.values())
                .forEach(application ->
                        passwords.put(application.writtenName(), "password-of-" + application.writtenName()));
        passwords.put(STRANGER, "password-of-stranger");
        passwords.put(SUPERUSER, "password-of-root");
        BrokerSecurity security = new BrokerSecurity(passwords, SUPERUSER, tls);
        return new SecuredBroker(EmbeddedBroker.start(directory.resolve("broker"), 0, security), security);
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Settings of security alone. */
    public Map<String, String> login(String account) {
        return security.clientSettings(account);
    }

    /** Settings of a client, with where the broker is. */
    public Map<String, Object> client(String account) {
        Map<String, Object> settings = new HashMap<>(login(account));
        settings.put("bootstrap.servers", bootstrapServers());
        return settings;
    }

    public Admin admin(String account) {
        return Admin.create(client(account));
    }

    @Override
    public void close() {
        broker.close();
    }

    private static BrokerSecurity.Tls certificate(Path directory) throws IOException, InterruptedException {
        Path keystore = directory.resolve("keystore.p12");
        Path certificate = directory.resolve("certificate.pem");
        Path truststore = directory.resolve("truststore.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-keystore",
                keystore.toString(),
                "-storetype",
                "PKCS12");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-file",
                certificate.toString(),
                "-keystore",
                keystore.toString());
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                "broker",
                "-file",
                certificate.toString(),
                "-keystore",
                truststore.toString(),
                "-storetype",
                "PKCS12");
        return new BrokerSecurity.Tls(keystore, truststore, KEYSTORE_PASSWORD);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", KEYSTORE_PASSWORD));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("Cannot make a certificate: keytool %s did not end well".formatted(arguments[0]));
        }
    }
}
