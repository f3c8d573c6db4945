package dev.penstock.chaos.platform;

import dev.penstock.chaos.processes.Program;
import dev.penstock.chaos.processes.SupervisedProcess;
import dev.penstock.local.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A bucket behind a server that speaks S3 (<a href="https://github.com/gaul/s3proxy">S3Proxy</a>), a process of its own
 * that checks the signature of every request. Objects are files, so it may be killed at any time. The caller closes it.
 */
public final class ObjectStore implements AutoCloseable {
    private static final String SERVER = "org.gaul.s3proxy.Main";
    private static final String BUCKET = "penstock-state";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final SupervisedProcess server;
    private final Path bucket;
    private final CheckpointAccess access;

    private ObjectStore(SupervisedProcess server, Path bucket, CheckpointAccess access) {
        this.server = server;
        this.bucket = bucket;
        this.access = access;
    }

    /**
     * Makes keys and an empty bucket, and waits for the server.
     *
     * @param directory for everything; it must not exist
     * @param log of the server
     */
    static ObjectStore start(Installation installation, Path directory, List<String> javaOptions, Path log)
            throws IOException, InterruptedException {
        Path bucket = Files.createDirectories(directory.resolve("buckets").resolve(BUCKET));
        int port = FreePort.find();
        String accessKey = random();
        String secretKey = random();
        Path settings = directory.resolve("s3proxy.properties");
        Files.writeString(settings, """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem
                jclouds.filesystem.basedir=%s
                """.formatted(port, accessKey, secretKey, bucket.getParent()));
        Path keys = directory.resolve("credentials");
        Files.writeString(keys, """
                [default]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                """.formatted(accessKey, secretKey));
        SupervisedProcess server = new SupervisedProcess(
                "s3",
                Program.java(
                        javaOptions,
                        installation.objectStore() + "/*",
                        SERVER,
                        List.of("--properties", settings.toString())),
                log);
        ObjectStore store = new ObjectStore(server, bucket, access(installation, port, keys));
        server.start();
        try {
            store.await(port);
        } catch (IOException | InterruptedException | RuntimeException e) {
            store.close();
            throw e;
        }
        return store;
    }

    /** Keys come from a file that the AWS SDK reads, so that they stand in no setting and in no variable. */
    private static CheckpointAccess access(Installation installation, int port, Path keys) {
        return new CheckpointAccess(
                URI.create("s3://%s/inference".formatted(BUCKET)),
                """
                s3.endpoint: http://127.0.0.1:%d
                s3.path.style.access: true
                fs.s3a.aws.credentials.provider: com.amazonaws.auth.profile.ProfileCredentialsProvider
                # However small: else TaskManagers would hand their state to the JobManager, and write none themselves.
                execution.checkpointing.data-inline-threshold: 0 b
                """.formatted(port),
                Map.of(
                        "FLINK_PLUGINS_DIR",
                        installation.plugins().toAbsolutePath().toString(),
                        "AWS_CREDENTIAL_PROFILES_FILE",
                        keys.toString()));
    }

    CheckpointAccess access() {
        return access;
    }

    /** What lies in it, as files of this machine. */
    Path bucket() {
        return bucket;
    }

    private void await(int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket answers = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "Cannot keep checkpoints in S3: nothing answers at port %d after %s; see %s"
                                    .formatted(port, PATIENCE, server.log()),
                            e);
                }
            }
            Thread.sleep(50);
        }
    }

    private static String random() {
        byte[] bytes = new byte[20];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        server.close();
    }
}
