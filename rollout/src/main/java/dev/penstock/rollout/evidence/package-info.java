/**
 * Tests that may be looked at after every observation and stay valid: {@link dev.penstock.rollout.evidence.Bet}.
 *
 * <p>All of them rest on one idea. Somebody who does not believe a hypothesis bets against it, a little at each
 * observation, on terms that are fair or worse if it is true. Who starts with 1 then has 1/alpha or more at any time with
 * a probability of at most alpha (Ville's inequality), so wealth is evidence, whenever one looks.
 */
@NullMarked
package dev.penstock.rollout.evidence;

import org.jspecify.annotations.NullMarked;
