/**
 * How a version learns from labelled requests: what it is trained on and what is held out, its training, its calibration,
 * and the bundle that comes out of it with the gates' findings. It knows no topics. Start with {@link
 * dev.penstock.models.learning.CandidateBuilder}.
 */
@NullMarked
package dev.penstock.models.learning;

import org.jspecify.annotations.NullMarked;
