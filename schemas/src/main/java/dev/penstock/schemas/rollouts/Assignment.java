package dev.penstock.schemas.rollouts;

import dev.penstock.schemas.Variant;
import java.util.OptionalInt;

/**
 * Who answers a request.
 *
 * @param version that answers, 1 or more
 * @param variant its role: {@link Variant#CHAMPION}, {@link Variant#CANARY} or {@link Variant#CONTROL}
 * @param shadow the version that is asked as well, and whose answer nobody acts on; empty if none is
 */
public record Assignment(int version, Variant variant, OptionalInt shadow) {}
