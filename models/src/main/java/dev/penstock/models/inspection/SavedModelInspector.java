package dev.penstock.models.inspection;

import dev.penstock.models.tensorflow.SavedModelDescriber;
import dev.penstock.models.tensorflow.SavedModelDescription;
import java.io.IOException;
import java.nio.file.Path;

/** Inspects SavedModels without loading them. */
public final class SavedModelInspector {
    private SavedModelInspector() {}

    /**
     * @param directory that {@code saved_model.pb} is in
     * @throws dev.penstock.models.tensorflow.NoSavedModelException if there is none, with what is there instead
     * @throws IOException if it cannot be read
     */
    public static Inspection inspect(Path directory) throws IOException {
        SavedModelDescription description = SavedModelDescriber.describe(directory);
        return new Inspection(directory, description);
    }
}
