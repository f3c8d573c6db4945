package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecuredBrokerIT {
    @TempDir
    private Path directory;

    @Test
    void talksBehindTlsToThoseWhoKnowItsCertificate() throws Exception {
        try (SecuredBroker broker = SecuredBroker.startWithTls(directory);
                Admin admin = broker.admin(SecuredBroker.SUPERUSER)) {
            new TopicCreator(admin, SchemaRegistry.connect("mock://tls"), 1, (short) 1).createMissing();

            assertThat(admin.listTopics().names().get()).contains(Topic.PREDICTIONS.topicName());
            Map<String, Object> withoutTrust = new HashMap<>(broker.client(SecuredBroker.SUPERUSER));
            withoutTrust.keySet().removeIf(setting -> setting.startsWith("ssl.truststore"));
            try (Admin refusing = Admin.create(withoutTrust)) {
                assertThatThrownBy(() -> refusing.describeCluster().nodes().get())
                        .cause()
                        .isInstanceOf(SslAuthenticationException.class);
            }
        }
    }

    @Test
    void keepsAccountsAndRightsOverARestart() throws Exception {
        BrokerSecurity security = new BrokerSecurity(Map.of("root", "one", "ingest", "two"), "root", Optional.empty());
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0, security);
                Admin root = admin(broker, security, "root")) {
            new TopicCreator(root, SchemaRegistry.connect("mock://secured-restart"), 1, (short) 1).createMissing();
        }

        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0, security);
                Admin root = admin(broker, security, "root");
                Admin ingest = admin(broker, security, "ingest")) {
            assertThat(root.listTopics().names().get()).hasSize(Topic.values().length);
            assertThat(ingest.listTopics().names().get()).isEmpty();
        }
    }

    @Test
    void noPasswordIsPartOfWhatIsPrinted() {
        BrokerSecurity security = new BrokerSecurity(
                Map.of("root", "hunter2"),
                "root",
                Optional.of(new BrokerSecurity.Tls(directory, directory, "hunter3")));

        assertThat(security.toString()).contains("root").doesNotContain("hunter");
    }

    @Test
    void aNameThatCouldChangeTheLoginIsRefused() {
        assertThatThrownBy(() -> new BrokerSecurity(Map.of("root", "one\" user_x=\"y"), "root", Optional.empty()))
                .hasMessageContaining("names and passwords are of letters");
        assertThatThrownBy(() -> new BrokerSecurity(Map.of("ingest", "one"), "root", Optional.empty()))
                .hasMessageContaining("there is no such account");
    }

    private static Admin admin(EmbeddedBroker broker, BrokerSecurity security, String account) {
        Map<String, Object> settings = new HashMap<>(security.clientSettings(account));
        settings.put("bootstrap.servers", broker.bootstrapServers());
        return Admin.create(settings);
    }
}
