package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import dev.penstock.cli.output.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ExaminationTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void keepsTheOrderInWhichThingsWereAdded() throws InterruptedException {
        CountDownLatch second = new CountDownLatch(1);
        Examination examination = new Examination()
                .look("first", () -> {
                    second.await();
                    return List.of(Finding.ok("a"));
                })
                .look("second", () -> {
                    second.countDown();
                    return List.of(Finding.ok("b"), Finding.warning("c", "do"));
                });

        assertThat(examination.findings(LONG))
                .containsExactly(
                        Map.entry("first", List.of(Finding.ok("a"))),
                        Map.entry("second", List.of(Finding.ok("b"), Finding.warning("c", "do"))));
    }

    @Test
    void takesAFailureForAProblem() throws InterruptedException {
        Map<String, List<Finding>> findings = new Examination()
                .look("known", () -> {
                    throw CommandException.failed("Cannot reach it: away", "Start it.", null);
                })
                .look("unknown", () -> {
                    throw new IllegalStateException("first line\nsecond line");
                })
                .findings(LONG);

        assertThat(findings.get("known")).containsExactly(Finding.problem("Cannot reach it: away", "Start it."));
        assertThat(findings.get("unknown")).hasSize(1).first().satisfies(finding -> {
            assertThat(finding.status()).isEqualTo(Status.PROBLEM);
            assertThat(finding.what()).isEqualTo("first line");
        });
    }

    @Test
    void waitsForNothingBeyondItsPatience() throws InterruptedException {
        Map<String, List<Finding>> findings = new Examination()
                .look("stuck", () -> {
                    new CountDownLatch(1).await();
                    return List.of();
                })
                .look("quick", () -> List.of(Finding.ok("b")))
                .findings(Duration.ofSeconds(1));

        assertThat(findings.get("stuck")).extracting(Finding::what).containsExactly("nothing is known after 1 s");
        assertThat(findings.get("quick")).containsExactly(Finding.ok("b"));
    }

    @Test
    void isAsBadAsTheWorstFinding() {
        assertThat(Finding.worst(List.of())).isEqualTo(Status.OK);
        assertThat(Finding.worst(List.of(Finding.ok("a"), Finding.warning("b", "do"))))
                .isEqualTo(Status.WARNING);
        assertThat(Finding.worst(List.of(Finding.problem("a", "do"), Finding.ok("b"))))
                .isEqualTo(Status.PROBLEM);
    }
}
