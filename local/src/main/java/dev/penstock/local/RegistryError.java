package dev.penstock.local;

/** A refusal as Confluent's API words it: an HTTP status and a finer code. */
final class RegistryError extends RuntimeException {
    private final int status;
    private final int code;

    RegistryError(int status, int code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static RegistryError noSuchPath() {
        return new RegistryError(404, 404, "HTTP 404 Not Found");
    }

    static RegistryError noSuchSubject(String subject) {
        return new RegistryError(404, 40401, "Subject '%s' not found.".formatted(subject));
    }

    static RegistryError noSuchVersion(String version) {
        return new RegistryError(404, 40402, "Version %s not found.".formatted(version));
    }

    static RegistryError noSuchSchema() {
        return new RegistryError(404, 40403, "Schema not found");
    }

    static RegistryError invalidSchema(String reason) {
        return new RegistryError(422, 42201, "Invalid schema: " + reason);
    }

    static RegistryError invalidLevel(String level) {
        return new RegistryError(422, 42203, "Invalid compatibility level: " + level);
    }

    static RegistryError incompatible(String subject, String complaints) {
        return new RegistryError(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"%s\": %s"
                        .formatted(subject, complaints));
    }

    int status() {
        return status;
    }

    int code() {
        return code;
    }
}
