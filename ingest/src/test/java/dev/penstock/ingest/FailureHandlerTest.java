package dev.penstock.ingest;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.schemas.wire.RegistryUnavailableException;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailureHandlerTest {
    private final FailureHandler handler = new FailureHandler();

    @BeforeEach
    void doNotPause() {
        handler.close();
    }

    @Test
    void infrastructureIsWaitedForWithANewThread() {
        Throwable registry = catchThrowable(() -> SchemaRegistry.connect("http://localhost:1", Map.of(), Duration.ZERO)
                .schema(1));

        assertThat(registry).isInstanceOf(RegistryUnavailableException.class);
        assertThat(handler.handle(new StreamsException(registry))).isEqualTo(REPLACE_THREAD);
        assertThat(handler.handle(new StreamsException(new TimeoutException("no broker"))))
                .isEqualTo(REPLACE_THREAD);
        assertThat(handler.handle(new ClusterAuthorizationException("not now"))).isEqualTo(REPLACE_THREAD);
        assertThat(handler.handle(new MissingSourceTopicException("mails"))).isEqualTo(REPLACE_THREAD);
        assertThat(handler.handle(new StreamsException(new IOException("disk full"))))
                .isEqualTo(REPLACE_THREAD);
        assertThat(handler.failure()).isEmpty();
    }

    @Test
    void aBugEndsIngestAndIsKept() {
        Throwable bug = new StreamsException(new IllegalStateException("unknown outcome"));

        assertThat(handler.handle(bug)).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(handler.failure()).contains(bug);
    }

    @Test
    void whatWouldFailAgainAtOnceIsNotTriedAgain() {
        assertThat(handler.handle(new StreamsException(new RecordTooLargeException("topic was made smaller"))))
                .isEqualTo(SHUTDOWN_CLIENT);
        assertThat(handler.handle(new StreamsException(new SerializationException("schema refused"))))
                .isEqualTo(SHUTDOWN_CLIENT);
    }
}
