package dev.penstock.ingest.topology;

import java.time.Duration;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/** Where ids that were seen are kept. */
@FunctionalInterface
public interface SeenStores {
    /**
     * @param retention how long an id is kept, by stream time
     * @param window shorter than the retention
     */
    WindowBytesStoreSupplier named(String name, Duration retention, Duration window);

    /** On disk, so that memory does not grow with the window. */
    static SeenStores persistent() {
        return (name, retention, window) -> Stores.persistentWindowStore(name, retention, window, false);
    }

    static SeenStores inMemory() {
        return (name, retention, window) -> Stores.inMemoryWindowStore(name, retention, window, false);
    }
}
