package dev.penstock.inference.scoring;

import dev.penstock.inference.versions.Followed;
import dev.penstock.models.transit.TopicFollower;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a topic would tell the tasks of a test. Survives being shipped. */
final class FollowedByTest<T> implements Followed<T> {
    private static final long serialVersionUID = 1;
    private static final Map<UUID, Heard> HEARD = new ConcurrentHashMap<>();

    private final UUID id = UUID.randomUUID();
    private final boolean isReadSlowly;

    private static final class Heard {
        private final List<Object> values = new CopyOnWriteArrayList<>();
        private final List<TopicFollower.Listener<?>> listeners = new CopyOnWriteArrayList<>();
    }

    private FollowedByTest(boolean isReadSlowly) {
        this.isReadSlowly = isReadSlowly;
    }

    /** One that is read to its end at once. */
    static <T> FollowedByTest<T> readAtOnce() {
        return new FollowedByTest<>(false);
    }

    /** One that is read to its end when the test says so. */
    static <T> FollowedByTest<T> readSlowly() {
        return new FollowedByTest<>(true);
    }

    /** Something that was there before tasks began. */
    void holds(T value) {
        heard().values.add(value);
    }

    void reachEnd() {
        this.<T>listeners().forEach(listener -> listener.began(this.values()));
    }

    void tell(T value) {
        holds(value);
        this.<T>listeners().forEach(listener -> listener.came(value));
    }

    @Override
    public AutoCloseable follow(TopicFollower.Listener<T> listener) {
        heard().listeners.add(listener);
        if (!isReadSlowly) {
            listener.began(values());
        }
        return () -> heard().listeners.remove(listener);
    }

    @SuppressWarnings("unchecked") // Put in by this same class.
    private List<T> values() {
        return (List<T>) List.copyOf(heard().values);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Put in by this same class.
    private <V> List<TopicFollower.Listener<V>> listeners() {
        return (List<TopicFollower.Listener<V>>) (List<?>) List.copyOf(heard().listeners);
    }

    private Heard heard() {
        return HEARD.computeIfAbsent(id, unknown -> new Heard());
    }
}
