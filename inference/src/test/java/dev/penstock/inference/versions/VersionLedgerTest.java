package dev.penstock.inference.versions;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelVersion;
import org.junit.jupiter.api.Test;

class VersionLedgerTest {
    private final VersionLedger ledger = new VersionLedger();

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

        ledger.serve(version(1));

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

    private void announce(int... numbers) {
        for (int number : numbers) {
            assertThat(ledger.announce(version(number))).isTrue();
        }
    }

    private void serve(int number) {
        announce(number);
        ledger.startLoading(version(number));
        ledger.serve(version(number));
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
