package dev.penstock.deploy.health;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a process whether it is well: {@code HealthCheck URL [JOB…]}. Ends with 0 if the address answers with 200 and each
 * of the named Flink jobs runs with all its tasks; the address is then Flink's {@code /jobs/overview}. Else it ends with
 * 1 and one line that says why. Uses the JDK alone and is started as often as Docker asks, so it makes little of what
 * takes time to load.
 */
public final class HealthCheck {
    private static final int PATIENCE_MILLIS = 4_000;
    private static final Pattern TASKS = Pattern.compile("\"(total|running|finished)\":(\\d+)");

    private HealthCheck() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            System.err.println("Cannot tell who is well: name an address, such as http://localhost:9404/health");
            System.exit(2);
        }
        Optional<String> illness =
                illness(arguments[0], Arrays.asList(arguments).subList(1, arguments.length));
        illness.ifPresent(System.out::println);
        System.exit(illness.isPresent() ? 1 : 0);
    }

    /** @return why it is not well; empty if it is */
    static Optional<String> illness(String address, List<String> jobs) {
        String answer;
        try {
            HttpURLConnection connection = (HttpURLConnection) new URL(address).openConnection();
            connection.setConnectTimeout(PATIENCE_MILLIS);
            connection.setReadTimeout(PATIENCE_MILLIS);
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                return Optional.of("%s answers with %d".formatted(address, status));
            }
            try (InputStream body = connection.getInputStream()) {
                answer = jobs.isEmpty() ? "" : new String(body.readAllBytes(), UTF_8);
            }
        } catch (IOException | ClassCastException e) {
            return Optional.of("%s does not answer: %s".formatted(address, e.getMessage()));
        }
        return jobs.stream()
                .map(job -> illnessOfJob(job, answer))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * @param overview as Flink writes it: no object of a job holds another but the counts of its tasks. Of several jobs
     *     of one name one must be well
     */
    static Optional<String> illnessOfJob(String job, String overview) {
        Matcher found = Pattern.compile(
                        "\"name\":\"" + Pattern.quote(job) + "\"[^{}]*\"state\":\"([A-Z]+)\"[^{}]*\\{([^{}]*)}")
                .matcher(overview);
        Optional<String> illness = Optional.of("job %s is not there".formatted(job));
        while (found.find()) {
            int total = 0;
            int good = 0;
            Matcher tasks = TASKS.matcher(found.group(2));
            while (tasks.find()) {
                int count = Integer.parseInt(tasks.group(2));
                if (tasks.group(1).equals("total")) {
                    total = count;
                } else {
                    good += count;
                }
            }
            if (found.group(1).equals("RUNNING") && good == total && total > 0) {
                return Optional.empty();
            }
            illness = Optional.of("job %s is %s with %d of %d tasks".formatted(job, found.group(1), good, total));
        }
        return illness;
    }
}
