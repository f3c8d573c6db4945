package dev.penstock.bench.variants;

import java.io.Serializable;

/**
 * From where to where.
 *
 * @param group whose committed offsets say where to begin; a new one begins at the beginning
 */
public record Route(String requests, String answers, String group) implements Serializable {}
