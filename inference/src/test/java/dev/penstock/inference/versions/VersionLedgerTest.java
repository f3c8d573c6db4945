package dev.penstock.inference.versions;

import static dev.penstock.inference.Rollouts.canary;
import static dev.penstock.inference.Rollouts.champion;
import static dev.penstock.inference.Rollouts.shadow;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.Rollouts;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import java.util.List;
import org.junit.jupiter.api.Test;

class VersionLedgerTest {
    private final VersionLedger ledger = new VersionLedger(2);

    @Test
    void triesTheHighestVersionFirstWhateverTheOrder() {
        announce(2, 10, 9);

        assertThat(ledger.next()).contains(version(10));
    }

    @Test
    void triesOneAtATime() {
        announce(1);
        ledger.startLoading(version(1));
        announce(2);

        assertThat(ledger.next()).isEmpty();
    }

    @Test
    void triesWhatCameWhileAnotherWasLoading() {
        announce(1);
        ledger.startLoading(version(1));
        announce(2, 3);

        ledger.loaded(version(1));

        assertThat(ledger.next()).contains(version(3));
    }

    @Test
    void neverGoesBackByItself() {
        serve(3);
        announce(2);

        assertThat(ledger.next()).isEmpty();
    }

    @Test
    void triesTheNextBestAfterARefusal() {
        announce(1, 2);
        ledger.startLoading(version(2));
        ledger.refuse(version(2));

        assertThat(ledger.next()).contains(version(1));
    }

    @Test
    void doesNotTryARefusedVersionAgain() {
        serve(1);
        announce(2);
        ledger.refuse(version(2));
        announce(2);

        assertThat(ledger.next()).isEmpty();
        assertThat(ledger.isAwaiting()).isFalse();
    }

    @Test
    void triesARefusedVersionThatIsPublishedAgain() {
        announce(2);
        ledger.refuse(version(2));

        ledger.announce(movedTo(version(2), 900));

        assertThat(ledger.next()).contains(movedTo(version(2), 900));
    }

    @Test
    void letsOthersGoBeforeWhatCannotBeFetchedNow() {
        announce(1, 2);
        ledger.startLoading(version(2));

        ledger.postpone(version(2));

        assertThat(ledger.next()).contains(version(1));
        assertThat(ledger.isAwaiting()).isTrue();
    }

    @Test
    void comesBackToWhatCouldNotBeFetched() {
        announce(2);
        ledger.startLoading(version(2));
        ledger.postpone(version(2));
        assertThat(ledger.next()).isEmpty();

        ledger.retry(version(2));

        assertThat(ledger.next()).contains(version(2));
    }

    @Test
    void triesAtOnceWhatWasPublishedAgainWhileItCouldNotBeFetched() {
        announce(2);
        ledger.startLoading(version(2));
        ledger.announce(movedTo(version(2), 900));

        ledger.postpone(version(2));

        assertThat(ledger.next()).contains(movedTo(version(2), 900));
    }

    @Test
    void doesNotAcceptOtherContentForTheVersionThatServes() {
        serve(2);
        ModelVersion other =
                ModelVersion.newBuilder(version(2)).setDigest("f".repeat(64)).build();

        assertThat(ledger.announce(other)).isFalse();
    }

    @Test
    void hearsOfTheServingVersionAgainWithoutLoadingIt() {
        serve(2);

        assertThat(ledger.announce(movedTo(version(2), 900))).isTrue();

        assertThat(ledger.next()).isEmpty();
    }

    @Test
    void triesTheChampionThenTheCandidateThenTheChampionBefore() {
        announce(1, 2, 3, 4);
        ledger.follow(Rollouts.of("spam", champion(0, 1), champion(1, 3), shadow(2, 3, 2)));

        assertThat(ledger.next()).contains(version(3));
        ledger.loaded(version(3));
        assertThat(ledger.next()).contains(version(2));
        ledger.loaded(version(2));
        assertThat(ledger.next()).contains(version(1));
        ledger.loaded(version(1));
        assertThat(ledger.next()).isEmpty();
        assertThat(ledger.kept()).containsExactly(1, 2, 3);
    }

    @Test
    void leavesAloneWhatEarlierStepsNameBeyondThePlacesThereAre() {
        announce(1, 2, 3, 4);
        ledger.follow(Rollouts.of("spam", champion(0, 1), champion(1, 2), champion(2, 3), champion(3, 4)));
        ledger.loaded(version(4));
        ledger.loaded(version(3));

        assertThat(ledger.next()).isEmpty();
    }

    @Test
    void neverTriesWhatDidNotPassItsGates() {
        announce(1);
        ledger.announce(ModelVersion.newBuilder(version(2))
                .setRefusedBecause(List.of("it is worse"))
                .build());

        assertThat(ledger.next()).contains(version(1));
        ledger.follow(Rollouts.of("spam", champion(0, 2)));
        assertThat(ledger.next()).isEmpty();
    }

    @Test
    void canSpareTheChampionBeforeButNeitherChampionNorCandidate() {
        serve(1);
        serve(2);
        serve(3);
        ledger.follow(Rollouts.of("spam", champion(0, 1), champion(1, 2), canary(2, 2, 3, 0.1)));

        assertThat(ledger.spare()).containsExactly(1);
    }

    @Test
    void comesBackToWhatWasLeftOutWhenTheRolloutChanges() {
        serve(1);
        serve(2);
        ledger.follow(Rollouts.of("spam", champion(0, 1), champion(1, 2)));
        ledger.leaveOut(1);
        assertThat(ledger.next()).isEmpty();

        ledger.follow(Rollouts.of("spam", champion(0, 1), champion(1, 2), champion(2, 1)));

        assertThat(ledger.next()).contains(version(1));
    }

    @Test
    void leavesOutARolloutFromBeforeTheOneThatIsKnown() {
        announce(1, 2);
        RolloutState known = Rollouts.of("spam", champion(0, 1), champion(1, 2));
        ledger.follow(known);

        assertThat(ledger.follow(RolloutState.newBuilder(Rollouts.of("spam", champion(0, 1)))
                        .setChangedAt(known.getChangedAt().minusMillis(1))
                        .build()))
                .isFalse();

        assertThat(ledger.rollout()).contains(known);
        assertThat(ledger.next()).contains(version(2));
    }

    private void announce(int... numbers) {
        for (int number : numbers) {
            assertThat(ledger.announce(version(number))).isTrue();
        }
    }

    private void serve(int number) {
        announce(number);
        ledger.startLoading(version(number));
        ledger.loaded(version(number));
    }

    private static ModelVersion version(int number) {
        return someModelVersion("spam", number);
    }

    private static ModelVersion movedTo(ModelVersion version, long offset) {
        return ModelVersion.newBuilder(version)
                .setLocation(ArtifactLocation.newBuilder(version.getLocation())
                        .setFirstOffset(offset)
                        .build())
                .build();
    }
}
