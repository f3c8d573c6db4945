package dev.penstock.data;

import dev.penstock.data.Transaction.Scenario;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The handbook's customers and terminals, and what happens to them day by day.
 *
 * <p>Every draw comes from a generator of its own, seeded with what is drawn and for whom, so that any day can be had
 * without the days before it. {@link Random} and {@link StrictMath} are specified to the bit: every JVM draws alike.
 */
final class Population {
    private static final double GRID = 100;
    private static final double RADIUS = 5;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final double SPREAD_SECONDS = 20_000;
    private static final double LARGEST_GENUINE_AMOUNT = 220;
    private static final int TERMINALS_COMPROMISED_PER_DAY = 2;
    private static final int DAYS_TERMINAL_IS_COMPROMISED = 28;
    private static final int CUSTOMERS_COMPROMISED_PER_DAY = 3;
    private static final int DAYS_CUSTOMER_IS_COMPROMISED = 14;
    private static final int COMPROMISED_AMOUNT_FACTOR = 5;

    private final long seed;
    private final List<Customer> customers;
    private final int terminals;

    Population(long seed, int customers, int terminals) {
        if (customers < CUSTOMERS_COMPROMISED_PER_DAY || terminals < TERMINALS_COMPROMISED_PER_DAY) {
            throw new IllegalArgumentException(
                    "Cannot simulate %d customers and %d terminals: %d and %d are compromised every day"
                            .formatted(
                                    customers,
                                    terminals,
                                    CUSTOMERS_COMPROMISED_PER_DAY,
                                    TERMINALS_COMPROMISED_PER_DAY));
        }
        this.seed = seed;
        this.terminals = terminals;
        List<Place> places = IntStream.range(0, terminals)
                .mapToObj(terminal -> Place.draw(random(Draw.TERMINAL, terminal, 0)))
                .toList();
        this.customers = IntStream.range(0, customers)
                .mapToObj(customer -> Customer.draw(customer, places, random(Draw.CUSTOMER, customer, 0)))
                .toList();
    }

    /** Everybody's payments on a day, in order. */
    List<Payment> paymentsOn(int day) {
        Set<Integer> compromisedTerminals = compromisedTerminals(day);
        Set<Key> compromisedPayments = compromisedPayments(day);
        List<Payment> payments = new ArrayList<>();
        for (Customer customer : customers) {
            for (Payment payment : paymentsOf(customer, day)) {
                payments.add(judge(payment, compromisedTerminals, compromisedPayments.contains(Key.of(payment, day))));
            }
        }
        payments.sort(Payment.IN_ORDER);
        return payments;
    }

    private static Payment judge(Payment payment, Set<Integer> compromisedTerminals, boolean compromisedCustomer) {
        if (compromisedCustomer) {
            return payment.times(COMPROMISED_AMOUNT_FACTOR).fraudulent(Scenario.COMPROMISED_CUSTOMER);
        }
        if (compromisedTerminals.contains(payment.terminal())) {
            return payment.fraudulent(Scenario.COMPROMISED_TERMINAL);
        }
        return payment.amount() > LARGEST_GENUINE_AMOUNT ? payment.fraudulent(Scenario.LARGE_AMOUNT) : payment;
    }

    private List<Payment> paymentsOf(Customer customer, int day) {
        return customer.payments(random(Draw.PAYMENTS, customer.id, day));
    }

    private Set<Integer> compromisedTerminals(int day) {
        Set<Integer> compromised = new HashSet<>();
        for (int start = firstDayStillActive(day, DAYS_TERMINAL_IS_COMPROMISED); start <= day; start++) {
            Random random = random(Draw.COMPROMISED_TERMINALS, start, 0);
            compromised.addAll(distinct(TERMINALS_COMPROMISED_PER_DAY, terminals, random));
        }
        return compromised;
    }

    /** The payments of a day that fraudsters make with what leaked on it or up to 13 days before. */
    private Set<Key> compromisedPayments(int day) {
        Set<Key> compromised = new HashSet<>();
        for (int start = firstDayStillActive(day, DAYS_CUSTOMER_IS_COMPROMISED); start <= day; start++) {
            compromised.addAll(paymentsCompromisedFrom(start));
        }
        return compromised;
    }

    /** A third of all payments that the customers of one leak make while it lasts. */
    private List<Key> paymentsCompromisedFrom(int start) {
        Random random = random(Draw.COMPROMISED_CUSTOMERS, start, 0);
        List<Key> keys = new ArrayList<>();
        for (int customer : distinct(CUSTOMERS_COMPROMISED_PER_DAY, customers.size(), random)) {
            for (int day = start; day < start + DAYS_CUSTOMER_IS_COMPROMISED; day++) {
                for (Payment payment : paymentsOf(customers.get(customer), day)) {
                    keys.add(Key.of(payment, day));
                }
            }
        }
        Collections.shuffle(keys, random);
        return keys.subList(0, keys.size() / 3);
    }

    private static int firstDayStillActive(int day, int duration) {
        return Math.max(0, day - duration + 1);
    }

    private static List<Integer> distinct(int count, int bound, Random random) {
        return random.ints(0, bound).distinct().limit(count).boxed().toList();
    }

    private Random random(Draw draw, int subject, int day) {
        return new Random(mix(mix(mix(mix(seed) + draw.salt) + subject) + day));
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** What a generator is for: each has its own salt, so that no two share their draws. */
    private enum Draw {
        TERMINAL(1),
        CUSTOMER(2),
        PAYMENTS(3),
        COMPROMISED_TERMINALS(4),
        COMPROMISED_CUSTOMERS(5);

        private final long salt;

        Draw(long salt) {
            this.salt = salt;
        }
    }

    /** Names one payment of a run. */
    private record Key(int day, int customer, int number) {
        static Key of(Payment payment, int day) {
            return new Key(day, payment.customer(), payment.number());
        }
    }

    /** A point of the grid. */
    private record Place(double x, double y) {
        static Place draw(Random random) {
            return new Place(random.nextDouble() * GRID, random.nextDouble() * GRID);
        }

        boolean isWithinReachOf(Place other) {
            double dx = x - other.x;
            double dy = y - other.y;
            return dx * dx + dy * dy < RADIUS * RADIUS;
        }
    }

    /** Somebody with habits: how often, how much and where they pay. */
    private static final class Customer {
        private final int id;
        private final double meanAmount;
        private final double meanPaymentsPerDay;
        private final int[] terminals;

        private Customer(int id, double meanAmount, double meanPaymentsPerDay, int[] terminals) {
            this.id = id;
            this.meanAmount = meanAmount;
            this.meanPaymentsPerDay = meanPaymentsPerDay;
            this.terminals = terminals;
        }

        static Customer draw(int id, List<Place> places, Random random) {
            Place home = Place.draw(random);
            double meanAmount = 5 + 95 * random.nextDouble();
            double meanPaymentsPerDay = 4 * random.nextDouble();
            int[] terminals = IntStream.range(0, places.size())
                    .filter(terminal -> places.get(terminal).isWithinReachOf(home))
                    .toArray();
            return new Customer(id, meanAmount, meanPaymentsPerDay, terminals);
        }

        List<Payment> payments(Random random) {
            List<Payment> payments = new ArrayList<>();
            for (int left = terminals.length == 0 ? 0 : poisson(meanPaymentsPerDay, random); left > 0; left--) {
                int second = (int) (SECONDS_PER_DAY / 2.0 + SPREAD_SECONDS * random.nextGaussian());
                if (second > 0 && second < SECONDS_PER_DAY) {
                    double amount = Payment.hundredths(amount(random));
                    int terminal = terminals[random.nextInt(terminals.length)];
                    payments.add(new Payment(second, id, payments.size(), terminal, amount, Scenario.GENUINE));
                }
            }
            return payments;
        }

        private double amount(Random random) {
            double amount = meanAmount + meanAmount / 2 * random.nextGaussian();
            return amount < 0 ? random.nextDouble() * meanAmount * 2 : amount;
        }

        /** Knuth, The Art of Computer Programming, volume 2, 3.4.1: quick for means as small as these. */
        private static int poisson(double mean, Random random) {
            double limit = StrictMath.exp(-mean);
            int count = 0;
            for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
                count++;
            }
            return count;
        }
    }
}
