package dev.penstock.schemas.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EffectiveConfigurationTest {
    record Registry(URI url, Map<String, String> settings) {}

    record Service(
            String brokers,
            Registry registry,
            @Default("PT1M") Duration patience,
            Optional<String> password,
            List<String> topics,
            Optional<String> comment) {}

    @Test
    void showsDefaultsAndHidesSecrets() {
        String yaml = """
                brokers: localhost:9092
                registry:
                  url: https://user:${PASSWORD}@registry
                  settings: {basic.auth.user.info: "user:${PASSWORD}", max.schemas: 10}
                password: ${PASSWORD}
                topics: [a, b]
                """;
        Service service = ConfigurationFile.parse("service.yaml", yaml, Service.class, Map.of("PASSWORD", "hunter2"));

        String printed = EffectiveConfiguration.of(service);

        assertThat(printed).isEqualTo("""
                        brokers: localhost:9092
                        registry:
                          url: https://*****@registry
                          settings:
                            basic.auth.user.info: *****
                            max.schemas: 10
                        patience: PT1M
                        password: *****
                        topics: [a, b]""");
    }

    @Test
    void hidesWhatKafkaKeepsSecret() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("sasl.jaas.config", "s1");
        settings.put("ssl.key.password", "s2");
        settings.put("ssl.keystore.key", "s3");
        settings.put("sasl.oauthbearer.client.credentials.client.secret", "s4");
        settings.put("sasl.oauthbearer.assertion.key.passphrase", "s5");
        settings.put("bearer.auth.token", "s6");
        settings.put("ssl.keystore.location", "/keys");

        String printed = EffectiveConfiguration.of(new Registry(URI.create("http://registry"), settings));

        assertThat(printed).contains("/keys").doesNotContain("s1", "s2", "s3", "s4", "s5", "s6");
    }
}
