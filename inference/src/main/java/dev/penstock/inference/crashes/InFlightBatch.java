package dev.penstock.inference.crashes;

/** Where the records of a batch lie in their topic. */
public interface InFlightBatch {
    int rows();

    int partition(int row);

    long offset(int row);
}
