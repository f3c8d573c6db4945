package dev.penstock.cli.connection;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a local platform answers; {@code platform.json} in its data directory.
 *
 * @param flink address of Flink's web interface
 * @param pipelines file that describes them
 */
public record PlatformAddress(String brokers, String registry, String flink, String pipelines) {
    private static final String FILE = "platform.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    static Optional<PlatformAddress> read(Path data) {
        Path file = data.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), PlatformAddress.class));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot read %s: %s; delete it and start the platform again".formatted(file, e.getMessage()), e);
        }
    }

    public void write(Path data) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(data.resolve(FILE).toFile(), this);
    }
}
