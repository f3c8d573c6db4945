package dev.penstock.inference.versions;

import dev.penstock.models.Model;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * The models of one task: one version of each serves, and some that served before stay loaded, as long as there is room
 * for what comes. Loading happens on a thread of the loader's; every change of what serves happens on the task's own
 * thread, between two records. All methods are for that thread.
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
    /** By model, the serving version last. */
    private final Map<String, Deque<ServedModel>> resident = new HashMap<>();
    /** No longer resident, and closed as soon as nobody uses them. */
    private final Set<ServedModel> retired = new HashSet<>();
    /** Used by nobody, and on their way to the loading thread, which may never take them. */
    private final Set<ServedModel> closing = ConcurrentHashMap.newKeySet();
    /** Loaded, and on their way to the task's thread, which may never take them. */
    private final Set<Loaded> handedOver = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    /**
     * What may be loaded.
     *
     * @param residentVersions of a model that stay loaded, 1 or more: the serving one, and those that served before it
     *     and could again without being loaded
     * @param nativeBytes of all of them together, beyond which those that do not serve are freed, and then a further
     *     version is refused
     */
    public record Limits(int residentVersions, long nativeBytes) implements Serializable {}

    /** Told on the task's thread. */
    public interface Listener {
        /**
         * Another version answers from now on: the first of this model or a better one.
         *
         * @param took from the start of its loading
         */
        void serves(ModelVersion version, Duration took);

        /** It is not loaded any more, or about to be closed: nobody uses it. */
        void freed(ServedModel served);

        /** Whether requests are being answered with it still, or gathered for it. */
        boolean isInUse(ServedModel served);

        /** A version will not be used; what served before serves on. */
        void refused(ModelVersion version, String reason);
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

    /** The version that answers now; empty before the first is loaded. */
    public Optional<ServedModel> serving(String model) {
        Deque<ServedModel> versions = resident.get(model);
        return versions == null ? Optional.empty() : Optional.of(versions.getLast());
    }

    /** Whether a version of it is being loaded, or will be tried again. */
    public boolean isAwaiting(String model) {
        VersionLedger ledger = ledgers.get(model);
        return ledger != null && ledger.isAwaiting();
    }

    /** Starts loading the version if it is better than what serves. */
    public void announce(ModelVersion version) {
        if (ledger(version).announce(version)) {
            loadNext(version.getModel());
        } else {
            listener.refused(
                    version,
                    "it serves already with other content (digest %s, now %s); give new content a higher version"
                            .formatted(
                                    serving(version.getModel())
                                            .orElseThrow()
                                            .version()
                                            .getDigest(),
                                    version.getDigest()));
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
        return retired.size() + resident.values().stream().mapToInt(Deque::size).sum();
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
        resident.values()
                .forEach(versions -> versions.forEach(model -> model.model().close()));
        resident.clear();
        retired.forEach(model -> model.model().close());
        retired.clear();
        closing.forEach(this::free);
    }

    private VersionLedger ledger(ModelVersion version) {
        return ledgers.computeIfAbsent(version.getModel(), model -> new VersionLedger());
    }

    private void loadNext(String model) {
        VersionLedger ledger = ledgers.get(model);
        if (ledger == null) {
            return;
        }
        ledger.next().ifPresent(version -> {
            // The announced size is that of the archive, which is stored as it is: enough to see that it cannot fit.
            if (makeRoom(version.getModel(), version.getSizeBytes())) {
                ledger.startLoading(version);
                onLoadingThread(() -> load(version), Duration.ZERO);
            } else {
                refuse(version, tooLarge(version.getSizeBytes()));
            }
        });
    }

    /**
     * Retires versions that served before, the model's own first, until so many bytes more are within the limit.
     *
     * @return whether they are; what serves is never retired
     */
    private boolean makeRoom(String model, long bytes) {
        List<Deque<ServedModel>> inTurn = new ArrayList<>();
        resident.forEach((name, versions) -> inTurn.add(name.equals(model) ? 0 : inTurn.size(), versions));
        for (Deque<ServedModel> versions : inTurn) {
            while (versions.size() > 1 && nativeBytes() + bytes > limits.nativeBytes()) {
                ServedModel before = versions.remove();
                LOG.info(
                        "Freeing version {} of model '{}', which does not serve any more: memory is short",
                        before.version().getVersion(),
                        before.version().getModel());
                retired.add(before);
            }
        }
        closeRetired();
        return nativeBytes() + bytes <= limits.nativeBytes();
    }

    private String tooLarge(long bytes) {
        return "it needs %d bytes of native memory, and of the %d that a task may use %d are taken by versions that serve; raise models.native-memory, or publish a smaller one"
                .formatted(bytes, limits.nativeBytes(), nativeBytes());
    }

    /** Of all versions that could serve now. */
    private long nativeBytes() {
        return resident.values().stream()
                .flatMap(Deque::stream)
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
            onTaskThread(() -> refuse(version, e.getMessage()));
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
            onTaskThread(() -> refuse(version, "it failed to load: " + e));
            return;
        }
        Loaded loaded = new Loaded(new ServedModel(version, model), startedAt);
        handedOver.add(loaded);
        // Either closing sees what was handed over, or this sees that it was closed.
        if (!onTaskThread(() -> serve(loaded)) || closed) {
            abandon(loaded);
        }
    }

    private void serve(Loaded loaded) {
        if (!handedOver.remove(loaded)) {
            return; // Closed meanwhile.
        }
        ModelVersion version = loaded.model.version();
        long bytes = loaded.model.model().nativeBytes();
        if (!makeRoom(version.getModel(), bytes)) {
            closing.add(loaded.model);
            onLoadingThread(() -> free(loaded.model), Duration.ZERO);
            refuse(version, tooLarge(bytes));
            return;
        }
        Deque<ServedModel> versions = resident.computeIfAbsent(version.getModel(), model -> new ArrayDeque<>());
        versions.add(loaded.model);
        ledger(version).serve(version);
        while (versions.size() > limits.residentVersions()) {
            retired.add(versions.remove());
        }
        closeRetired();
        LOG.info("Version {} of model '{}' serves", version.getVersion(), version.getModel());
        listener.serves(version, Duration.ofNanos(System.nanoTime() - loaded.startedAt));
        loadNext(version.getModel());
    }

    private void refuse(ModelVersion version, String reason) {
        if (closed) {
            return;
        }
        ledger(version).refuse(version);
        LOG.warn("Version {} of model '{}' is refused: {}", version.getVersion(), version.getModel(), reason);
        listener.refused(version, reason);
        loadNext(version.getModel());
    }

    /** Lets others have their turn: an older one that can be fetched, or a newer one that puts it right. */
    private void postpone(ModelVersion version) {
        ledger(version).postpone(version);
        onLoadingThread(() -> onTaskThread(() -> retry(version)), retryPause);
        loadNext(version.getModel());
    }

    private void retry(ModelVersion version) {
        ledger(version).retry(version);
        loadNext(version.getModel());
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
