package dev.penstock.flink.configuration;

import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Where schemas are.
 *
 * @param settings of Confluent's client, such as {@code basic.auth.user.info}
 * @param patience how long a registry that is away is waited for at each call
 */
public record Registry(URI url, @Default("PT2M") Duration patience, Map<String, String> settings) {
    public Registry {
        settings = Map.copyOf(settings);
    }

    public RegistryConnection connection() {
        String address = url.toString();
        Map<String, String> clientSettings = settings;
        Duration waiting = patience;
        return () -> SchemaRegistry.connect(address, clientSettings, waiting);
    }
}
