package dev.penstock.models.bundle;

/**
 * How much an archive may unpack to.
 *
 * @param bytes of all files together, 1 or more
 * @param files how many, 1 or more
 */
public record BundleLimits(long bytes, int files) {
    public BundleLimits {
        if (bytes < 1 || files < 1) {
            throw new IllegalArgumentException(
                    "Cannot limit bundles to %d bytes in %d files: both must be 1 or more".formatted(bytes, files));
        }
    }

    /** 2 GiB in 10,000 files. */
    public static BundleLimits usual() {
        return new BundleLimits(2L * 1024 * 1024 * 1024, 10_000);
    }
}
