package dev.penstock.cli.doctor;

import dev.penstock.cli.transactions.OpenTransaction;
import dev.penstock.cli.transactions.Transactions;
import dev.penstock.schemas.topics.Access;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/** Whether a transaction of the platform's has been open for longer than any lasts: readers wait behind it. */
final class TransactionsCheck {
    /** A minute more than the jobs' may. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private final Clock clock;

    TransactionsCheck(Clock clock) {
        this.clock = clock;
    }

    List<Finding> look(Admin admin) throws InterruptedException {
        List<OpenTransaction> known = new Transactions(admin).thatBegin(Access.BEGIN);
        List<Finding> findings = new ArrayList<>();
        for (OpenTransaction each : known) {
            if (each.isHanging(clock, LONGEST)) {
                findings.add(Finding.warning(
                        "transaction %s has been open for %s and has written to %s"
                                .formatted(
                                        each.id(), Amounts.time(each.age(clock).orElseThrow()), each.partitions()),
                        "Does its job run? If it will not come back: penstock transactions abort %s --yes"
                                .formatted(each.id())));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("%d transactional ids of the platform, none open for longer than %s"
                    .formatted(known.size(), Amounts.time(LONGEST))));
        }
        return findings;
    }
}
