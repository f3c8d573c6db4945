package dev.penstock.inference.scoring;

import dev.penstock.inference.versions.Announcements;
import dev.penstock.schemas.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What a topic of announcements would tell the tasks of a test. Survives being shipped. */
final class AnnouncedByTest implements Announcements {
    private static final long serialVersionUID = 1;
    private static final Map<UUID, List<Consumer<ModelVersion>>> LISTENERS = new ConcurrentHashMap<>();

    private final UUID id = UUID.randomUUID();

    void announce(ModelVersion version) {
        listeners().forEach(listener -> listener.accept(version));
    }

    @Override
    public AutoCloseable follow(Consumer<ModelVersion> listener) {
        listeners().add(listener);
        return () -> listeners().remove(listener);
    }

    private List<Consumer<ModelVersion>> listeners() {
        return LISTENERS.computeIfAbsent(id, unknown -> new CopyOnWriteArrayList<>());
    }
}
