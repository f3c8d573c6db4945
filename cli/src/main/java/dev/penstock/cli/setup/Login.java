package dev.penstock.cli.setup;

import dev.penstock.schemas.topics.Application;
import java.util.Arrays;
import java.util.List;

/** Who logs in to the brokers and the registry. */
enum Login {
    INGEST(Application.INGEST, SecretFolder.INGEST),
    INFERENCE(Application.INFERENCE, SecretFolder.JOBS),
    ROLLOUT(Application.ROLLOUT, SecretFolder.JOBS),
    RETRAIN(Application.RETRAIN, SecretFolder.JOBS),
    /** Whoever uses the command. */
    OPERATOR(Application.OPERATOR, SecretFolder.COMMAND);

    private final Application application;
    private final SecretFolder folder;

    Login(Application application, SecretFolder folder) {
        this.application = application;
        this.folder = folder;
    }

    static List<Login> all() {
        return Arrays.asList(values());
    }

    /** What decides about its rights. */
    Application application() {
        return application;
    }

    /** As brokers and registry know it. */
    String user() {
        return application.writtenName();
    }

    /** Where its own process finds its password, beside the copy that is kept for setting up the cluster. */
    SecretFolder folder() {
        return folder;
    }
}
