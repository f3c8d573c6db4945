package dev.penstock.inference;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.Topic;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Sends requests one batch after the other until it is stopped, so that whatever happens meanwhile happens midway. */
final class SteadyRequests implements AutoCloseable {
    private static final int BATCH = 50;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Integer> sending;
    private volatile boolean stopped;

    /** @param requests by number, from 0 */
    SteadyRequests(InferencePlatform platform, Topic topic, IntFunction<InferenceRequest> requests) {
        sending = thread.submit(() -> {
            int sent = 0;
            while (!stopped) {
                platform.send(
                        topic,
                        IntStream.range(sent, sent + BATCH).mapToObj(requests).toList());
                sent += BATCH;
            }
            return sent;
        });
    }

    /** How many were sent in all. */
    int stop() throws InterruptedException, ExecutionException {
        stopped = true;
        return sending.get();
    }

    @Override
    public void close() {
        stopped = true;
        thread.shutdownNow();
    }
}
