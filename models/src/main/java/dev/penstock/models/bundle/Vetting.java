package dev.penstock.models.bundle;

import java.io.IOException;
import java.nio.file.Path;

/** Looks at a bundle whose files are those that it was built from, before anything else in them is read. */
public interface Vetting {
    /**
     * @param directory of the bundle
     * @throws BundleRefusedException if it is to go no further
     */
    void require(Path directory) throws IOException;

    /** Lets all pass. */
    static Vetting none() {
        return directory -> {};
    }
}
