package dev.penstock.ingest;

import dev.penstock.schemas.wire.RegistryUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a thread dies: infrastructure that is broken is waited for, with a new thread after a pause; a bug
 * would only repeat itself, so it ends ingest.
 */
final class FailureHandler implements StreamsUncaughtExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(FailureHandler.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    @Override
    public StreamThreadExceptionResponse handle(Throwable thrown) {
        if (!isInfrastructure(thrown)) {
            failure.compareAndSet(null, thrown);
            LOG.error("Ingest stops: this is a bug, or a setting that cannot work", thrown);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.warn(
                "Ingest goes on with a new thread in {}: something that it needs is broken ({})",
                PAUSE,
                root(thrown).toString(),
                thrown);
        try {
            if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("Ingest closes before the new thread starts");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** Ends pauses. */
    void close() {
        closing.countDown();
    }

    /** What ended ingest. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    private static boolean isInfrastructure(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SerializationException || cause instanceof RecordTooLargeException) {
                return false;
            }
            if (cause instanceof RegistryUnavailableException
                    || cause instanceof ApiException
                    || cause instanceof MissingSourceTopicException
                    || cause instanceof IOException
                    || cause instanceof RocksDBException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
