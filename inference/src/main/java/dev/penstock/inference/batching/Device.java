package dev.penstock.inference.batching;

/** What models run on. */
public enum Device {
    PROCESSOR,
    GPU
}
