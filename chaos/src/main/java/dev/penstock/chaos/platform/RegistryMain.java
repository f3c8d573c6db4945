package dev.penstock.chaos.platform;

import dev.penstock.local.EmbeddedRegistry;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A schema registry as a process of its own: {@code RegistryMain schemas.jsonl 8081}. Schemas and ids are in the file,
 * so it may be killed at any time. Ends when it is told to.
 */
public final class RegistryMain {
    private RegistryMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "Cannot start a registry with %d arguments; name a file for the schemas and a port"
                            .formatted(arguments.length));
        }
        CountDownLatch told = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(told::countDown, "registry-shutdown"));
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]))) {
            System.out.println("A schema registry answers at " + registry.url());
            told.await();
        }
    }
}
