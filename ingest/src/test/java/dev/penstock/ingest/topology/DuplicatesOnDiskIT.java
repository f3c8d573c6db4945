package dev.penstock.ingest.topology;

import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.io.TempDir;

class DuplicatesOnDiskIT extends DuplicatesContract {
    @TempDir
    private Path directory;

    @Override
    SeenStores stores() {
        return SeenStores.persistent();
    }

    @Override
    Properties settings() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        return settings;
    }
}
