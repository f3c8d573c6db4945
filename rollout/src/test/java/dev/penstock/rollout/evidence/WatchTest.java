package dev.penstock.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final double ALPHA = 0.05;

    @Test
    void atMostAlphaCryWolfOverAllWindowsTogether() {
        int cried = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            Watch watch = Watch.above(0.05, Bounds.SHARE, 100);
            for (int i = 0; i < 3_000; i++) {
                watch.observe(random.nextDouble() < 0.05 ? 1 : 0, 1);
            }
            cried += watch.shows(ALPHA) ? 1 : 0;
        }

        assertThat(cried / 1_000.0).isLessThanOrEqualTo(ALPHA);
    }

    @Test
    void whatGoesWrongLateIsSeenWithinTwoWindows() {
        int seenByWatch = 0;
        int seenByBet = 0;
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Watch watch = Watch.above(0.05, Bounds.SHARE, 500);
            for (int i = 0; i < 20_250; i++) {
                watch.observe(random.nextDouble() < 0.01 ? 1 : 0, 1);
            }
            for (int i = 0; i < 1_000; i++) {
                watch.observe(random.nextDouble() < 0.2 ? 1 : 0, 1);
            }
            seenByWatch += watch.shows(ALPHA / 8) ? 1 : 0;
            seenByBet += watch.whole().shows(ALPHA / 8) ? 1 : 0;
        }

        assertThat(seenByWatch).isEqualTo(100);
        assertThat(seenByBet).isZero();
    }
}
