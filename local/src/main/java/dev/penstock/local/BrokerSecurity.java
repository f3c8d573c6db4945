package dev.penstock.local;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;

/**
 * Lets an {@link EmbeddedBroker} ask for a login (SASL, SCRAM-SHA-512) and allow nothing that no right was given for
 * (Kafka's own authorizer). Accounts are written when the broker's directory is made; a later start keeps them.
 *
 * @param passwords by account
 * @param superuser the account that may do everything, and so gives rights to the others
 * @param tls empty to talk in the clear
 */
public record BrokerSecurity(Map<String, String> passwords, String superuser, Optional<Tls> tls) {
    static final String LISTENER = "CLIENTS";
    private static final String MECHANISM = "SCRAM-SHA-512";
    /** The broker's own account, on both listeners; its password is known to nobody else, and another at each start. */
    private static final String BROKER = "broker";

    private static final String PLAIN = "PLAIN";
    private static final String WORDS = "[A-Za-z0-9._-]+";

    /**
     * Files in PKCS 12.
     *
     * @param keystore the broker's key and certificate, for {@code localhost}
     * @param truststore that certificate, or whose it is signed with
     * @param password of both
     */
    public record Tls(Path keystore, Path truststore, String password) {
        @Override
        public String toString() {
            return "Tls[keystore=%s, truststore=%s]".formatted(keystore, truststore);
        }
    }

    public BrokerSecurity {
        passwords = Map.copyOf(passwords);
        passwords.forEach((account, password) -> {
            if (!account.matches(WORDS) || !password.matches(WORDS) || account.equals(BROKER)) {
                throw new IllegalArgumentException(
                        "Cannot make account '%s': names and passwords are of letters, digits, '.', '_' and '-', and '%s' is taken"
                                .formatted(account, BROKER));
            }
        });
        if (!passwords.containsKey(superuser)) {
            throw new IllegalArgumentException(
                    "Cannot make '%s' the superuser: there is no such account".formatted(superuser));
        }
    }

    /** What a client of Kafka logs in with. */
    public Map<String, String> clientSettings(String account) {
        String password = passwords.get(account);
        if (password == null) {
            throw new IllegalArgumentException("Cannot log in as '%s': there is no such account".formatted(account));
        }
        Map<String, String> settings = new HashMap<>();
        settings.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol());
        settings.put(SaslConfigs.SASL_MECHANISM, MECHANISM);
        settings.put(
                SaslConfigs.SASL_JAAS_CONFIG,
                "%s required username=\"%s\" password=\"%s\";"
                        .formatted(ScramLoginModule.class.getName(), account, password));
        tls.ifPresent(files -> {
            settings.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PKCS12");
            settings.put(
                    SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
                    files.truststore().toString());
            settings.put(SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG, files.password());
        });
        return Map.copyOf(settings);
    }

    /** The listener's protocol in Kafka's words. */
    String protocol() {
        return tls.isPresent() ? "SASL_SSL" : "SASL_PLAINTEXT";
    }

    /** As the storage tool takes them. */
    List<String> scramArguments() {
        return new TreeMap<>(passwords)
                .entrySet().stream()
                        .map(each -> "%s=[name=%s,password=%s]".formatted(MECHANISM, each.getKey(), each.getValue()))
                        .toList();
    }

    /**
     * Settings of a broker that is its own controller.
     *
     * @param controllerListener its name
     * @param ownPassword of the broker itself, for this start
     */
    Properties brokerSettings(String controllerListener, String ownPassword) {
        Properties settings = new Properties();
        String ownLogin = "%s required username=\"%s\" password=\"%s\" user_%s=\"%s\";"
                .formatted(PlainLoginModule.class.getName(), BROKER, ownPassword, BROKER, ownPassword);
        String clients = "listener.name.%s.".formatted(LISTENER.toLowerCase(Locale.ROOT));
        String controller = "listener.name.%s.".formatted(controllerListener.toLowerCase(Locale.ROOT));
        settings.put("inter.broker.listener.name", LISTENER);
        settings.put("sasl.mechanism.inter.broker.protocol", PLAIN);
        settings.put("sasl.mechanism.controller.protocol", PLAIN);
        settings.put(clients + "sasl.enabled.mechanisms", MECHANISM + "," + PLAIN);
        settings.put(clients + "scram-sha-512.sasl.jaas.config", ScramLoginModule.class.getName() + " required;");
        settings.put(clients + "plain.sasl.jaas.config", ownLogin);
        settings.put(controller + "sasl.enabled.mechanisms", PLAIN);
        settings.put(controller + "plain.sasl.jaas.config", ownLogin);
        settings.put("authorizer.class.name", StandardAuthorizer.class.getName());
        settings.put("super.users", "User:%s;User:%s".formatted(BROKER, superuser));
        tls.ifPresent(files -> {
            settings.put(clients + "ssl.keystore.type", "PKCS12");
            settings.put(clients + "ssl.keystore.location", files.keystore().toString());
            settings.put(clients + "ssl.keystore.password", files.password());
            settings.put(clients + "ssl.truststore.type", "PKCS12");
            settings.put(clients + "ssl.truststore.location", files.truststore().toString());
            settings.put(clients + "ssl.truststore.password", files.password());
        });
        return settings;
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return "BrokerSecurity[accounts=%s, superuser=%s, tls=%s]".formatted(passwords.keySet(), superuser, tls);
    }
}
