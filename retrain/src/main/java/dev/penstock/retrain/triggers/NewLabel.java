package dev.penstock.retrain.triggers;

/**
 * A label that no training has had.
 *
 * @param source who said so first
 */
public record NewLabel(String source, int partition, long offset) {}
