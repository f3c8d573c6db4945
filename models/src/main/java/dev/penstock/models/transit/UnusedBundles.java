package dev.penstock.models.transit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cache from growing for ever. A bundle was used last when its directory was touched last; nothing of it is
 * needed once it is loaded, and what is needed again is fetched again.
 */
final class UnusedBundles {
    private static final Logger LOG = LoggerFactory.getLogger(UnusedBundles.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Path cache;
    private final Duration kept;
    private final Clock clock;

    UnusedBundles(Path cache, Duration kept) {
        this(cache, kept, Clock.systemUTC());
    }

    UnusedBundles(Path cache, Duration kept, Clock clock) {
        this.cache = cache;
        this.kept = kept;
        this.clock = clock;
    }

    /** Before it is read, so that nobody removes it meanwhile. */
    void use(Path directory) throws IOException {
        try {
            Files.setLastModifiedTime(directory, FileTime.from(clock.instant()));
        } catch (NoSuchFileException e) {
            // It is about to be fetched.
        }
    }

    /** What cannot be removed now is tried again with the next version. */
    void remove() {
        Instant oldest = clock.instant().minus(kept);
        try (Stream<Path> found = Files.list(cache)) {
            List<Path> bundles = found.filter(path ->
                            DIGEST.matcher(path.getFileName().toString()).matches())
                    .toList();
            for (Path bundle : bundles) {
                if (Files.getLastModifiedTime(bundle).toInstant().isBefore(oldest)) {
                    // Moved first: another process finds either all of it or nothing.
                    Path leaving = Files.createTempDirectory(cache, "removing-");
                    Files.move(bundle, leaving.resolve("bundle"), StandardCopyOption.ATOMIC_MOVE);
                    Directories.delete(leaving);
                    LOG.info("Removed bundle {}: nobody used it for {}", bundle.getFileName(), kept);
                }
            }
        } catch (IOException e) {
            LOG.warn("Leaving unused bundles in {}: {}", cache, e.toString());
        }
    }
}
