package dev.penstock.deploy;

import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.TensorFlow;

/**
 * Flink's TaskManager, with the same arguments, which loads TensorFlow while it registers: a task that comes to a fresh
 * process, since another has died, finds it there.
 */
public final class TaskManager {
    private static final Logger LOG = LoggerFactory.getLogger(TaskManager.class);

    private TaskManager() {}

    public static void main(String[] arguments) throws Exception {
        Thread loading = new Thread(TaskManager::loadTensorFlow, "load-tensorflow");
        loading.setDaemon(true);
        loading.start();
        TaskManagerRunner.main(arguments);
    }

    /** The libraries alone: which devices a session may take is for the jobs to say, and the first one decides. */
    private static void loadTensorFlow() {
        try {
            LOG.info("TensorFlow {} is loaded", TensorFlow.version());
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("TensorFlow could not be loaded yet; the alert of the model that needs it will say more", e);
        }
    }
}
