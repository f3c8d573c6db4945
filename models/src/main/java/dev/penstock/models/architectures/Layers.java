package dev.penstock.models.architectures;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** The layers of one network. */
interface Layers {
    /** What goes in, as a signature's input: the batch's size is not known. */
    Operand<? extends TType> input(Network network);

    /**
     * Called once for serving and once for training, with the same input.
     *
     * @return {@code [rows, labels]}
     */
    Operand<TFloat32> logits(Network network, Operand<? extends TType> input);
}
