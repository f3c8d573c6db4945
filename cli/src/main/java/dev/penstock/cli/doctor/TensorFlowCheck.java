package dev.penstock.cli.doctor;

import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/** Whether TensorFlow can run on this machine. */
final class TensorFlowCheck {
    private static final String ARTIFACT = "/META-INF/maven/org.tensorflow/tensorflow-core-api/pom.properties";
    /** What the published library for x86 was compiled for; without it TensorFlow ends the process when it loads. */
    private static final String NEEDED = "avx";

    private final String architecture;
    private final Set<String> processorFlags;

    /** @param processorFlags empty if they are not known */
    TensorFlowCheck(String architecture, Set<String> processorFlags) {
        this.architecture = architecture;
        this.processorFlags = Set.copyOf(processorFlags);
    }

    List<Finding> look() {
        boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
        if (x86 && !processorFlags.isEmpty() && !processorFlags.contains(NEEDED)) {
            return List.of(Finding.problem(
                    "this processor has no AVX instructions, which TensorFlow's library for x86 is compiled for",
                    "Run the jobs on another machine, or let a virtual machine see the host's processor."));
        }
        try {
            TensorFlowRuntime.inCallingThread();
        } catch (IllegalStateException e) {
            return List.of(
                    Finding.problem(
                            String.valueOf(e.getMessage()),
                            "TensorFlow's library is published for x86 and ARM Linux, ARM macOS and x86 Windows; build with the platform's profile."));
        }
        return List.of(Finding.ok("TensorFlow Java %s loads on this %s processor%s"
                .formatted(version(), architecture, processorFlags.contains(NEEDED) ? " with AVX" : "")));
    }

    private static String version() {
        try (InputStream file = TensorFlowCheck.class.getResourceAsStream(ARTIFACT)) {
            if (file == null) {
                return "(of unknown version)";
            }
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version", "(of unknown version)");
        } catch (IOException e) {
            return "(of unknown version)";
        }
    }
}
