package dev.penstock.ingest;

import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs ingest as a process of its own: {@code IngestMain ingest.yaml pipelines.yaml}. Ends with 0 when it is told to
 * stop, with 1 when it fails, with 2 when its configuration cannot be used.
 */
public final class IngestMain {
    private static final Logger LOG = LoggerFactory.getLogger(IngestMain.class);
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;

    private IngestMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 2) {
            LOG.error("Cannot start ingest: give two files, ingest.yaml and pipelines.yaml");
            System.exit(MISCONFIGURED);
        }
        System.exit(run(Path.of(arguments[0]), Path.of(arguments[1])));
    }

    private static int run(Path configFile, Path pipelinesFile) throws InterruptedException {
        Optional<IngestConfig> config = read(() -> IngestConfig.read(configFile, System.getenv()));
        Optional<Pipelines> pipelines = read(() -> Pipelines.read(pipelinesFile, System.getenv()));
        if (config.isEmpty() || pipelines.isEmpty()) {
            return MISCONFIGURED;
        }
        try (Ingest ingest = Ingest.start(config.get(), pipelines.get())) {
            Runtime.getRuntime().addShutdownHook(new Thread(ingest::close, "ingest-shutdown"));
            ingest.awaitEnd();
            return ingest.state() == Ingest.State.FAILED ? FAILED : 0;
        } catch (RuntimeException e) {
            LOG.error("Ingest could not start", e);
            return FAILED;
        }
    }

    /** Empty if it has mistakes, which are logged: those of both files at one go. */
    private static <T> Optional<T> read(Supplier<T> file) {
        try {
            return Optional.of(file.get());
        } catch (InvalidConfigurationException e) {
            LOG.error(e.getMessage());
            return Optional.empty();
        }
    }
}
