package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_CloseSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteDeviceList;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListCount;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListType;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SessionListDevices;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;

/** What TensorFlow sees of this machine. */
final class Devices {
    static final String GPU = "GPU";

    private Devices() {}

    /**
     * @param config of every session of this process: this is one
     * @return the type of each device, such as {@code CPU} and {@value #GPU}
     * @throws TensorFlowFailure with TensorFlow's own words
     */
    static List<String> types(byte[] config) {
        TF_Status status = TF_NewStatus();
        TF_Graph graph = TF_NewGraph();
        TF_SessionOptions options = TF_NewSessionOptions();
        try (PointerScope scope = new PointerScope()) {
            TF_SetConfig(options, new BytePointer(config), config.length, status);
            TensorFlowFailure.requireOk(status);
            TF_Session session = TF_NewSession(graph, options, status);
            TensorFlowFailure.requireOk(status);
            try {
                return types(session, status);
            } finally {
                TF_CloseSession(session, status);
                TF_DeleteSession(session, status);
            }
        } finally {
            TF_DeleteSessionOptions(options);
            TF_DeleteGraph(graph);
            TF_DeleteStatus(status);
        }
    }

    private static List<String> types(TF_Session session, TF_Status status) {
        TF_DeviceList devices = TF_SessionListDevices(session, status);
        TensorFlowFailure.requireOk(status);
        try {
            List<String> types = new ArrayList<>();
            for (int index = 0; index < TF_DeviceListCount(devices); index++) {
                types.add(TF_DeviceListType(devices, index, status).getString());
                TensorFlowFailure.requireOk(status);
            }
            return types;
        } finally {
            TF_DeleteDeviceList(devices);
        }
    }
}
