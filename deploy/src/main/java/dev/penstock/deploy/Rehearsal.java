package dev.penstock.deploy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.tensorflow.TensorFlow;

/**
 * Loads the classes that a TaskManager with these jobs loads, so that a JVM can archive them: {@code java
 * -XX:ArchiveClassesAtExit=FILE} with this class, and {@code -XX:SharedArchiveFile=FILE} ever after. Reading and
 * verifying some ten thousand classes is most of what a task does that is opened in a fresh process.
 */
public final class Rehearsal {
    /** Of the jobs' jar: what a task touches. The rest, as SQL's formats, would only make the archive larger. */
    private static final List<String> TOUCHED = List.of(
            "dev/penstock/",
            "org/apache/kafka/clients/",
            "org/apache/kafka/common/",
            "org/apache/avro/",
            "org/apache/flink/connector/",
            "org/apache/datasketches/",
            "com/fasterxml/jackson/core/",
            "com/fasterxml/jackson/databind/");

    private static final int RECORDS = 200;
    private static final Duration PAUSE = Duration.ofMillis(5);

    private Rehearsal() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 0) {
            throw new IllegalArgumentException("Cannot rehearse with arguments: there is nothing to choose");
        }
        int loaded = loadJobs();
        runFlink();
        System.out.printf("%d classes of the jobs loaded, Flink run, TensorFlow %s%n", loaded, TensorFlow.version());
    }

    private static int loadJobs() throws IOException, URISyntaxException {
        Path jar = Path.of(Rehearsal.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        int loaded = 0;
        try (JarFile jobs = new JarFile(jar.toFile())) {
            for (JarEntry entry : jobs.stream().toList()) {
                String name = entry.getName();
                if (name.endsWith(".class") && TOUCHED.stream().anyMatch(name::startsWith)) {
                    loaded += load(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'));
                }
            }
        }
        return loaded;
    }

    private static int load(String name) {
        try {
            Class.forName(name, false, Rehearsal.class.getClassLoader());
            return 1;
        } catch (ClassNotFoundException | LinkageError e) {
            // Made for a library that is not here; nor will it be when it counts.
            return 0;
        }
    }

    /** A job of two tasks with checkpoints, in this process. */
    private static void runFlink() throws Exception {
        Path state = Files.createTempDirectory("penstock-rehearsal");
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, state.toUri().toString());
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, settings)) {
            environment
                    .fromSequence(1, RECORDS)
                    .map(number -> {
                        Thread.sleep(PAUSE.toMillis());
                        return number;
                    })
                    .keyBy(number -> number % 2)
                    .reduce(Long::sum)
                    .sinkTo(new DiscardingSink<>());
            environment.execute("rehearsal");
        } finally {
            FileSystem.getLocalFileSystem().delete(new org.apache.flink.core.fs.Path(state.toUri()), true);
        }
    }
}
