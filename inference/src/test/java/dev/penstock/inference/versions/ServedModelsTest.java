package dev.penstock.inference.versions;

import static dev.penstock.inference.Rollouts.champion;
import static dev.penstock.inference.Rollouts.shadow;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.Rollouts;
import dev.penstock.inference.StubModel;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServedModelsTest {
    private static final int RESIDENT = 2;
    /** Room for two models, and not for a third. */
    private static final long ROOM = 2 * StubModel.NATIVE_BYTES + 500;

    private final LinkedBlockingQueue<Runnable> taskThread = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService loadingThread = Executors.newSingleThreadScheduledExecutor();
    private final List<StubModel> loaded = new CopyOnWriteArrayList<>();
    private final List<String> loads = new CopyOnWriteArrayList<>();
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final List<String> told = new ArrayList<>();
    private final List<String> freed = new ArrayList<>();
    private final Set<Integer> inUse = new HashSet<>();
    private boolean mailboxClosed;

    private long nativeBytes = Long.MAX_VALUE;
    private @Nullable ServedModels opened;

    /** The first call decides about the limit. */
    private ServedModels models() {
        ServedModels models = opened;
        if (models == null) {
            models = new ServedModels(
                    this::load,
                    loadingThread,
                    work -> {
                        if (mailboxClosed) {
                            throw new RejectedExecutionException("closed");
                        }
                        taskThread.add(work);
                    },
                    new ServedModels.Limits(RESIDENT, nativeBytes),
                    Duration.ofMillis(5),
                    new Listener());
            models.heardAll();
            opened = models;
        }
        return models;
    }

    private final class Listener implements ServedModels.Listener {
        @Override
        public boolean isInUse(ServedModel served) {
            return inUse.contains(served.version().getVersion());
        }

        @Override
        public void loaded(ServedModel served, Duration took) {
            told.add("loaded " + name(served.version()));
        }

        @Override
        public void serves(String model) {
            assertThat(serving(model)).isPositive();
        }

        @Override
        public void freed(ServedModel served) {
            freed.add(name(served.version()));
        }

        @Override
        public void refused(ModelVersion version, String reason) {
            told.add("refused " + name(version) + ": " + reason);
        }

        @Override
        public void contradicted(ModelVersion version, String reason) {
            told.add("contradicted " + name(version) + ": " + reason);
        }
    }

    /** What loading a version does before it succeeds. */
    private interface Behaviour {
        void happen() throws IOException;
    }

    @AfterEach
    void everyModelIsClosedOnce() {
        models().close();

        assertThat(loadingThread.isTerminated()).isTrue();
        assertThat(loaded).allMatch(StubModel::isClosed);
    }

    @Test
    void servesAVersionOnceItIsLoadedAndTheTaskHasTime() throws Exception {
        models().announce(version("spam", 1));
        Runnable mail = taskThread.take();
        assertThat(models().serving("spam")).isEmpty();

        mail.run();

        assertThat(models().serving("spam").orElseThrow().champion().version()).isEqualTo(version("spam", 1));
        assertThat(told).containsExactly("loaded spam/1");
    }

    @Test
    void keepsTheVersionThatIsReplacedAndFreesTheOneBeforeIt() throws Exception {
        serve("spam", 1);
        serve("spam", 2);
        assertThat(loaded).noneMatch(StubModel::isClosed);
        assertThat(models().residentVersions()).isEqualTo(RESIDENT);

        serve("spam", 3);

        Awaitility.await().until(loaded.get(0)::isClosed);
        assertThat(loaded.subList(1, 3)).noneMatch(StubModel::isClosed);
        assertThat(freed).containsExactly("spam/1");
        assertThat(models().residentVersions()).isEqualTo(RESIDENT);
        assertThat(serving("spam")).isEqualTo(3);
    }

    @Test
    void freesNoVersionThatIsBeingCalled() throws Exception {
        inUse.add(1);
        serve("spam", 1);
        serve("spam", 2);
        serve("spam", 3);
        models().closeRetired();
        assertThat(models().residentVersions()).isEqualTo(3);
        assertThat(loaded.get(0).isClosed()).isFalse();

        inUse.clear();
        models().closeRetired();

        Awaitility.await().until(loaded.get(0)::isClosed);
        assertThat(models().residentVersions()).isEqualTo(RESIDENT);
    }

    @Test
    void keepsServingWhenAVersionIsRefused() throws Exception {
        serve("spam", 1);
        behaviours.put("spam/2", () -> {
            throw new ModelRefusedException("Cannot use it: it writes files");
        });

        models().announce(version("spam", 2));
        runUntil(() -> told.size() == 2);

        assertThat(told).last().isEqualTo("refused spam/2: Cannot use it: it writes files");
        assertThat(serving("spam")).isEqualTo(1);
    }

    @Test
    void refusesWhateverAModelThrowsWhileItLoads() throws Exception {
        serve("spam", 1);
        behaviours.put("spam/2", () -> {
            throw new OutOfMemoryError("of a tensor's size");
        });
        behaviours.put("spam/3", () -> {
            throw new UnsatisfiedLinkError("no such kernel");
        });
        behaviours.put("spam/4", () -> {
            throw new IllegalStateException("what now");
        });

        for (int number = 2; number <= 4; number++) {
            int lines = told.size();
            models().announce(version("spam", number));
            runUntil(() -> told.size() > lines);
        }

        assertThat(told)
                .containsExactly(
                        "loaded spam/1",
                        "refused spam/2: it failed to load: java.lang.OutOfMemoryError: of a tensor's size",
                        "refused spam/3: it failed to load: java.lang.UnsatisfiedLinkError: no such kernel",
                        "refused spam/4: it failed to load: java.lang.IllegalStateException: what now");
        assertThat(serving("spam")).isEqualTo(1);
    }

    @Test
    void skipsVersionsThatWereOvertakenWhileAnotherWasLoading() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        behaviours.put("spam/1", () -> await(release));
        models().announce(version("spam", 1));

        models().announce(version("spam", 2));
        models().announce(version("spam", 3));
        release.countDown();
        runUntil(() -> told.contains("loaded spam/3"));

        assertThat(loads).containsExactly("spam/1", "spam/3");
        assertThat(loaded).hasSize(2);
    }

    @Test
    void triesAgainWhatCouldNotBeFetched() throws Exception {
        List<String> failures = new CopyOnWriteArrayList<>(List.of("first", "second"));
        behaviours.put("spam/1", () -> {
            if (!failures.isEmpty()) {
                throw new IOException(failures.remove(0));
            }
        });

        models().announce(version("spam", 1));
        runUntil(() -> serving("spam") == 1);

        assertThat(loads).containsExactly("spam/1", "spam/1", "spam/1");
        assertThat(told).containsExactly("loaded spam/1");
    }

    @Test
    void aVersionThatCannotBeFetchedHoldsUpNeitherOlderNorNewerOnes() throws Exception {
        behaviours.put("spam/2", () -> {
            throw new IOException("chunk 3 of 7 did not come");
        });

        models().announce(version("spam", 2));
        models().announce(version("spam", 1));
        runUntil(() -> serving("spam") == 1);
        models().announce(version("spam", 3));
        runUntil(() -> serving("spam") == 3);

        assertThat(told).containsExactly("loaded spam/1", "loaded spam/3");
    }

    @Test
    void usesWhereAVersionWasPublishedLast() throws Exception {
        behaviours.put("spam/1", () -> {
            throw new IOException("chunk 3 of 7 did not come");
        });
        models().announce(version("spam", 1));
        runUntil(() -> !loads.isEmpty());
        ModelVersion again = ModelVersion.newBuilder(version("spam", 1))
                .setLocation(ArtifactLocation.newBuilder()
                        .setFirstOffset(77)
                        .setChunks(1)
                        .build())
                .build();
        behaviours.remove("spam/1");

        models().announce(again);
        runUntil(() -> serving("spam") == 1);

        assertThat(models().serving("spam").orElseThrow().champion().version()).isEqualTo(again);
    }

    @Test
    void leavesOutOtherContentForTheVersionThatServesWithoutRefusingIt() throws Exception {
        serve("spam", 1);
        ModelVersion other = ModelVersion.newBuilder(version("spam", 1))
                .setDigest("f".repeat(64))
                .build();

        models().announce(other);

        assertThat(told)
                .last()
                .asString()
                .startsWith("contradicted spam/1: it serves already with other content")
                .endsWith("give new content a higher version");
        assertThat(serving("spam")).isEqualTo(1);
    }

    @Test
    void freesWhatServedBeforeWhereMemoryIsShort() throws Exception {
        nativeBytes = ROOM;
        serve("spam", 1);
        serve("spam", 2);

        serve("spam", 3);

        assertThat(freed).containsExactly("spam/1");
        assertThat(models().residentVersions()).isEqualTo(2);

        serve("toxicity", 1);

        assertThat(freed).containsExactly("spam/1", "spam/2");
        assertThat(serving("spam")).isEqualTo(3);
        Awaitility.await().until(() -> loaded.get(0).isClosed() && loaded.get(1).isClosed());
    }

    @Test
    void refusesAVersionForWhichThereIsNoRoomWithoutLoadingIt() throws Exception {
        nativeBytes = ROOM;
        serve("spam", 1);
        serve("toxicity", 1);

        models().announce(version("language", 1));

        assertThat(told)
                .last()
                .isEqualTo(
                        "refused language/1: it needs 1000 bytes of native memory, and of the 3500 that a task may use"
                                + " 3000 are taken by versions that serve; raise models.native-memory, or publish a smaller one");
        assertThat(loads).containsExactly("spam/1", "toxicity/1");
        assertThat(serving("spam")).isEqualTo(1);
    }

    /** Its announcement says 1000 bytes, which would fit. */
    @Test
    void refusesAVersionThatTurnsOutToBeLargerThanItWasSaidToBe() throws Exception {
        nativeBytes = StubModel.NATIVE_BYTES + 1_200;
        serve("spam", 1);

        models().announce(version("spam", 2));
        runUntil(() -> told.size() == 2);

        assertThat(told).last().asString().startsWith("refused spam/2: it needs 1500 bytes of native memory");
        assertThat(serving("spam")).isEqualTo(1);
        Awaitility.await().until(loaded.get(1)::isClosed);
        assertThat(loaded.get(0).isClosed()).isFalse();
    }

    @Test
    void modelsThatAreReadyAtTheSameTimeDoNotDisplaceEachOther() throws Exception {
        models().announce(version("spam", 1));
        models().announce(version("toxicity", 4));
        // Both are handed over before the task has time for either.
        Runnable first = taskThread.take();
        Runnable second = taskThread.take();

        first.run();
        second.run();

        assertThat(serving("spam")).isEqualTo(1);
        assertThat(serving("toxicity")).isEqualTo(4);
    }

    @Test
    void closesWhatWasLoadedAndNeverTaken() throws Exception {
        models().announce(version("spam", 1));
        Runnable mail = taskThread.take();

        models().close();
        mail.run();

        assertThat(loaded).hasSize(1).allMatch(StubModel::isClosed);
        assertThat(told).isEmpty();
    }

    @Test
    void closesWhatIsLoadedOnlyAfterTheTaskWasClosed() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        behaviours.put("spam/1", () -> {
            started.countDown();
            // As inside TensorFlow: the interruption is seen, and nothing is done about it.
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        });
        models().announce(version("spam", 1));
        await(started);

        models().close();

        assertThat(loaded).hasSize(1).allMatch(StubModel::isClosed);
    }

    @Test
    void closesWhatATaskThatEndsDoesNotTake() throws Exception {
        mailboxClosed = true;

        models().announce(version("spam", 1));
        loadingThread.shutdown();

        assertThat(loadingThread.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(loaded).hasSize(1).allMatch(StubModel::isClosed);
    }

    @Test
    void theChampionBeforeMakesRoomForACandidate() throws Exception {
        nativeBytes = ROOM;
        serve("spam", 1);
        serve("spam", 2);
        models().follow(Rollouts.of("spam", champion(0, 1), champion(1, 2), shadow(2, 2, 3)));

        models().announce(version("spam", 3));
        runUntil(() -> told.contains("loaded spam/3"));

        assertThat(freed).containsExactly("spam/1");
        assertThat(serving("spam")).isEqualTo(2);
        assertThat(models().serving("spam")
                        .orElseThrow()
                        .candidate()
                        .orElseThrow()
                        .version())
                .isEqualTo(version("spam", 3));
        assertThat(loads).containsExactly("spam/1", "spam/2", "spam/3");
    }

    @Test
    void whoServedBeforeTheRolloutServesOnUntilItsChampionIsLoaded() throws Exception {
        serve("spam", 1);
        models().announce(version("spam", 2));
        models().follow(Rollouts.of("spam", champion(0, 3)));
        runUntil(() -> told.contains("loaded spam/2"));
        assertThat(serving("spam")).isEqualTo(1);

        models().announce(version("spam", 3));
        runUntil(() -> serving("spam") == 3);
    }

    private StubModel load(ModelVersion version) throws IOException {
        loads.add(name(version));
        Behaviour behaviour = behaviours.get(name(version));
        if (behaviour != null) {
            behaviour.happen();
        }
        StubModel model = StubModel.scoring(0.5f);
        loaded.add(model);
        return model;
    }

    private void serve(String model, int number) throws InterruptedException {
        models().announce(version(model, number));
        runUntil(() -> serving(model) == number);
    }

    /** Runs what comes in, as the task does between two records. */
    private void runUntil(BooleanSupplier reached) throws InterruptedException {
        while (!reached.getAsBoolean()) {
            taskThread.take().run();
        }
    }

    private int serving(String model) {
        return models().serving(model)
                .map(serving -> serving.champion().version().getVersion())
                .orElse(0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ModelVersion version(String model, int number) {
        return someModelVersion(model, number);
    }

    private static String name(ModelVersion version) {
        return version.getModel() + "/" + version.getVersion();
    }
}
