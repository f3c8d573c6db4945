package dev.penstock.inference.scoring;

import dev.penstock.inference.requests.Request;
import dev.penstock.models.preprocessing.Example;

/**
 * A request that can be scored.
 *
 * @param example made by the version that will score it
 * @param decodeNanos that making it took
 * @param isSuspect whether the process died while it was being scored: then it is scored alone
 */
record Row(Request.Addressed request, Example example, long decodeNanos, boolean isSuspect) {}
