package dev.penstock.inference.versions;

import dev.penstock.models.Model;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one task: which versions of each are loaded, and who answers. Without a rollout the highest version that
 * is not refused serves, and some that served before stay loaded; with one, those that it names are loaded, as long as
 * there is room. Loading happens on a thread of the loader's; every change of what serves happens on the task's own
 * thread, between two records. All methods are for that thread.
 *
 * <p>Nobody answers before {@link #heardAll}; and where a model has a rollout, not before each version that it names
 * was loaded, refused, or could not be fetched: a restart answers as it did before. Later, a version on its way is
 * waited for by nobody, as long as another can answer.
 */
public final class ServedModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModels.class);
    /** A load that heeds its interruption ends well within this; one inside TensorFlow may not. */
    private static final long CLOSING_SECONDS = 5;

    private final ModelLoader loader;
    private final ScheduledExecutorService loadingThread;
    private final Executor taskThread;
    private final Limits limits;
    private final Duration retryPause;
    private final Listener listener;
    private final Map<String, VersionLedger> ledgers = new HashMap<>();
    /** By model and number. */
    private final Map<String, NavigableMap<Integer, ServedModel>> resident = new HashMap<>();

    private final Map<String, Serving> serving = new HashMap<>();
    /** No longer resident, and closed as soon as nobody uses them. */
    private final Set<ServedModel> retired = new HashSet<>();
    /** Used by nobody, and on their way to the loading thread, which may never take them. */
    private final Set<ServedModel> closing = ConcurrentHashMap.newKeySet();
    /** Loaded, and on their way to the task's thread, which may never take them. */
    private final Set<Loaded> handedOver = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;
    private boolean hasHeardAll;
    private long turns;

    /**
     * What may be loaded.
     *
     * @param residentVersions of a model that stay loaded, 1 or more: the serving one, and those that served before it
     *     and could again without being loaded. A rollout's champion, candidate and the champion before stay in any case
     * @param nativeBytes of all of them together, beyond which those that do not serve are freed, and then a further
     *     version is refused
     */
    public record Limits(int residentVersions, long nativeBytes) implements Serializable {}

    /** Told on the task's thread. */
    public interface Listener {
        /**
         * A version is loaded, whether it answers or not.
         *
         * @param took from the start of its loading
         */
        void loaded(ServedModel served, Duration took);

        /** Others answer for this model from now on, or the first do. */
        void serves(String model);

        /** It is not loaded any more, or about to be closed: nobody uses it. */
        void freed(ServedModel served);

        /** Whether requests are being answered with it still, or gathered for it. */
        boolean isInUse(ServedModel served);

        /** A version will not be used; what served before serves on. */
        void refused(ModelVersion version, String reason);

        /** A version is announced in other words than the loaded one of its number, which is used as it is. */
        void contradicted(ModelVersion version, String reason);
    }

    /** Itself and no other, whatever the model thinks is equal to it. */
    private static final class Loaded {
        private final ServedModel model;
        private final long startedAt;

        Loaded(ServedModel model, long startedAt) {
            this.model = model;
            this.startedAt = startedAt;
        }
    }

    /**
     * @param loadingThread one thread, so that two models never load at once; shut down here
     * @param taskThread runs what it is given between two records of the task
     * @param retryPause before a version that could not be fetched is tried again
     */
    public ServedModels(
            ModelLoader loader,
            ScheduledExecutorService loadingThread,
            Executor taskThread,
            Limits limits,
            Duration retryPause,
            Listener listener) {
        this.loader = loader;
        this.loadingThread = loadingThread;
        this.taskThread = taskThread;
        this.limits = limits;
        this.retryPause = retryPause;
        this.listener = listener;
    }

    /** Who answers now; empty before anybody can. */
    public Optional<Serving> serving(String model) {
        return Optional.ofNullable(serving.get(model));
    }

    /** Whether a version of it may come to serve without any further announcement. */
    public boolean isAwaiting(String model) {
        VersionLedger ledger = ledgers.get(model);
        return !hasHeardAll || (ledger != null && ledger.isAwaiting());
    }

    /** Everything was announced that had been when the task began: from now on there are versions that serve. */
    public void heardAll() {
        if (!hasHeardAll) {
            hasHeardAll = true;
            List.copyOf(ledgers.keySet()).forEach(this::changed);
        }
    }

    /** Takes note of a version, and starts loading it if it is wanted. */
    public void announce(ModelVersion version) {
        if (ledger(version.getModel()).announce(version)) {
            changed(version.getModel());
        } else {
            listener.contradicted(
                    version,
                    "it serves already with other content (digest %s, now %s); give new content a higher version"
                            .formatted(
                                    resident.get(version.getModel())
                                            .get(version.getVersion())
                                            .version()
                                            .getDigest(),
                                    version.getDigest()));
        }
    }

    /** Whether a version of this number was announced before, and is or may be used. */
    public boolean knows(ModelVersion version) {
        VersionLedger ledger = ledgers.get(version.getModel());
        return ledger != null && ledger.knows(version.getVersion());
    }

    /** From now on the rollout says who answers for its model, unless it is older than the one that says so already. */
    public void follow(RolloutState rollout) {
        VersionLedger ledger = ledger(rollout.getModel());
        if (ledger.follow(rollout)) {
            changed(rollout.getModel());
        } else {
            LOG.warn(
                    "Leaving out the rollout of model '{}' as it was at {}: it is followed as it was at {}; if two rollout jobs write, stop one of them",
                    rollout.getModel(),
                    rollout.getChangedAt(),
                    ledger.rollout().map(RolloutState::getChangedAt).orElse(null));
        }
    }

    /** Frees those that nobody uses any more. */
    public void closeRetired() {
        if (retired.isEmpty()) {
            return;
        }
        retired.removeIf(model -> {
            boolean isFree = !listener.isInUse(model);
            if (isFree) {
                // Takes milliseconds, in which the task has better to do.
                closing.add(model);
                listener.freed(model);
                onLoadingThread(() -> free(model), Duration.ZERO);
            }
            return isFree;
        });
    }

    /** Versions that are loaded, of all models, whether they serve or not. */
    public int residentVersions() {
        return retired.size() + resident.values().stream().mapToInt(Map::size).sum();
    }

    /** Waits a little for a load that is under way, so that a restart in this process does not load beside it. */
    @Override
    public void close() {
        closed = true;
        loadingThread.shutdownNow();
        try {
            if (!loadingThread.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A model is still loading; it is closed when it is done");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        handedOver.forEach(this::abandon);
        resident.values().forEach(versions -> versions.values()
                .forEach(model -> model.model().close()));
        resident.clear();
        serving.clear();
        retired.forEach(model -> model.model().close());
        retired.clear();
        closing.forEach(this::free);
    }

    private VersionLedger ledger(String model) {
        return ledgers.computeIfAbsent(model, name -> new VersionLedger(limits.residentVersions()));
    }

    private void changed(String model) {
        loadNext(model);
        serve(model);
    }

    private void loadNext(String model) {
        VersionLedger ledger = ledger(model);
        Optional<ModelVersion> next = hasHeardAll && !closed ? ledger.next() : Optional.empty();
        while (next.isPresent()) {
            ModelVersion version = next.get();
            // The announced size is that of the archive, which is stored as it is: enough to see that it cannot fit.
            if (makeRoom(version, version.getSizeBytes())) {
                ledger.startLoading(version);
                onLoadingThread(() -> load(version), Duration.ZERO);
                return;
            }
            hasNoRoom(version, version.getSizeBytes());
            next = ledger.next();
        }
    }

    /** Puts those in charge who answer as things are now, and retires who is not kept. */
    private void serve(String model) {
        VersionLedger ledger = ledger(model);
        Map<Integer, ServedModel> loaded = resident.getOrDefault(model, Collections.emptyNavigableMap());
        boolean isFirst = !serving.containsKey(model);
        if (!hasHeardAll || loaded.isEmpty() || (isFirst && ledger.rollout().isPresent() && ledger.isTrying())) {
            return;
        }
        NavigableMap<Integer, ServedModel> kept = new TreeMap<>(loaded);
        kept.keySet().retainAll(ledger.kept());
        Optional<Serving> now = ledger.rollout().isPresent()
                ? Serving.following(ledger.rollout().get(), kept, () -> ++turns)
                : Optional.of(Serving.always(kept.lastEntry().getValue(), () -> ++turns));
        if (now.isEmpty()) {
            return; // Whoever served before the rollout serves on until a champion is loaded.
        }
        serving.put(model, now.get());
        List<ServedModel> leaving = loaded.values().stream()
                .filter(each -> !kept.containsKey(each.version().getVersion()))
                .toList();
        leaving.forEach(this::retire);
        closeRetired();
        listener.serves(model);
    }

    private void retire(ServedModel served) {
        ModelVersion version = served.version();
        ledger(version.getModel()).unloaded(version.getVersion());
        resident.get(version.getModel()).remove(version.getVersion());
        retired.add(served);
    }

    /**
     * Retires versions that others can do without, the model's own first, until so many bytes more are within the limit.
     *
     * @return whether they are; what serves is never retired, nor is anything for a version that is only good to have
     */
    private boolean makeRoom(ModelVersion version, long bytes) {
        if (ledger(version.getModel()).isNeeded(version.getVersion())) {
            List<String> inTurn = new ArrayList<>(resident.keySet());
            inTurn.sort(Comparator.comparing(name -> !name.equals(version.getModel())));
            inTurn.forEach(name -> makeRoomFrom(name, bytes));
            closeRetired();
        }
        return fits(bytes);
    }

    private void makeRoomFrom(String model, long bytes) {
        VersionLedger ledger = ledger(model);
        Serving now = serving.get(model);
        boolean isFreed = false;
        for (int number : ledger.spare()) {
            ServedModel spare = resident.get(model).get(number);
            if (fits(bytes) || spare == null || (now != null && now.champion().equals(spare))) {
                continue;
            }
            LOG.info("Freeing version {} of model '{}', which can be done without: memory is short", number, model);
            retire(spare);
            ledger.leaveOut(number);
            isFreed = true;
        }
        if (isFreed) {
            serve(model);
        }
    }

    private boolean fits(long bytes) {
        return nativeBytes() + bytes <= limits.nativeBytes();
    }

    private void hasNoRoom(ModelVersion version, long bytes) {
        VersionLedger ledger = ledger(version.getModel());
        if (ledger.isNeeded(version.getVersion())) {
            refuse(version, tooLarge(bytes));
        } else {
            ledger.leaveOut(version.getVersion());
            LOG.info(
                    "Version {} of model '{}' is not loaded again, which served before: {}",
                    version.getVersion(),
                    version.getModel(),
                    tooLarge(bytes));
        }
    }

    private String tooLarge(long bytes) {
        return "it needs %d bytes of native memory, and of the %d that a task may use %d are taken by versions that serve; raise models.native-memory, or publish a smaller one"
                .formatted(bytes, limits.nativeBytes(), nativeBytes());
    }

    /** Of all versions that could serve now. */
    private long nativeBytes() {
        return resident.values().stream()
                .flatMap(versions -> versions.values().stream())
                .mapToLong(served -> served.model().nativeBytes())
                .sum();
    }

    // On the loading thread.
    private void load(ModelVersion version) {
        long startedAt = System.nanoTime();
        Model model;
        try {
            model = loader.load(version);
        } catch (ModelRefusedException | BundleRefusedException e) {
            onTaskThread(() -> refuseAndGoOn(version, e.getMessage()));
            return;
        } catch (IOException | UncheckedIOException | KafkaException e) {
            LOG.warn(
                    "Waiting to load version {} of model '{}', trying again: {}",
                    version.getVersion(),
                    version.getModel(),
                    e.getMessage());
            onTaskThread(() -> postpone(version));
            return;
        } catch (Throwable e) {
            // A stranger's model must not stop the job, whatever it does while it loads: not even if it needs more
            // memory than there is, which is free again now.
            LOG.warn("Version {} of model '{}' failed to load", version.getVersion(), version.getModel(), e);
            onTaskThread(() -> refuseAndGoOn(version, "it failed to load: " + e));
            return;
        }
        Loaded loaded = new Loaded(new ServedModel(version, model), startedAt);
        handedOver.add(loaded);
        // Either closing sees what was handed over, or this sees that it was closed.
        if (!onTaskThread(() -> take(loaded)) || closed) {
            abandon(loaded);
        }
    }

    private void take(Loaded loaded) {
        if (!handedOver.remove(loaded)) {
            return; // Closed meanwhile.
        }
        ModelVersion version = loaded.model.version();
        String model = version.getModel();
        long bytes = loaded.model.model().nativeBytes();
        if (!makeRoom(version, bytes)) {
            closing.add(loaded.model);
            onLoadingThread(() -> free(loaded.model), Duration.ZERO);
            hasNoRoom(version, bytes);
            changed(model);
            return;
        }
        resident.computeIfAbsent(model, name -> new TreeMap<>()).put(version.getVersion(), loaded.model);
        ledger(model).loaded(version);
        LOG.info("Version {} of model '{}' is loaded", version.getVersion(), model);
        listener.loaded(loaded.model, Duration.ofNanos(System.nanoTime() - loaded.startedAt));
        changed(model);
    }

    private void refuse(ModelVersion version, String reason) {
        if (closed) {
            return;
        }
        ledger(version.getModel()).refuse(version);
        LOG.warn("Version {} of model '{}' is refused: {}", version.getVersion(), version.getModel(), reason);
        listener.refused(version, reason);
    }

    private void refuseAndGoOn(ModelVersion version, String reason) {
        refuse(version, reason);
        changed(version.getModel());
    }

    /** Lets others have their turn: an older one that can be fetched, or a newer one that puts it right. */
    private void postpone(ModelVersion version) {
        ledger(version.getModel()).postpone(version);
        onLoadingThread(() -> onTaskThread(() -> retry(version)), retryPause);
        changed(version.getModel());
    }

    private void retry(ModelVersion version) {
        ledger(version.getModel()).retry(version);
        changed(version.getModel());
    }

    private void free(ServedModel model) {
        if (closing.remove(model)) {
            model.model().close();
        }
    }

    private void abandon(Loaded loaded) {
        if (handedOver.remove(loaded)) {
            loaded.model.model().close();
        }
    }

    private void onLoadingThread(Runnable work, Duration delay) {
        try {
            Future<?> unused = loadingThread.schedule(work, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The task is closing; nothing is loaded any more", e);
        }
    }

    private boolean onTaskThread(Runnable work) {
        try {
            taskThread.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("The task is closing; what was loaded is not used", e);
            return false;
        }
    }
}
