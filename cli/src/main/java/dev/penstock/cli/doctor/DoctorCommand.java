package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.connection.PlatformAddress;
import dev.penstock.cli.doctor.Finding.Status;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.pipelines.Pipelines;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock doctor}. */
@Command(
        name = "doctor",
        description = {
            "Looks at everything that the platform needs and says what to do where something is amiss.",
            "Reads only. Answers within 15 seconds, whatever is away, with exit code 3 if there is a problem."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock doctor",
            "  penstock doctor --brokers kafka:9092 --registry http://registry:8081",
            "  penstock doctor --command-config client.properties --pipelines pipelines.yaml",
            "  penstock doctor --output json | jq '.[] | select(.status != \"OK\")'"
        })
public final class DoctorCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(12);

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--flink",
            paramLabel = "URL",
            defaultValue = "${env:PENSTOCK_FLINK}",
            description = "Flink's web interface (default: PENSTOCK_FLINK, else the platform that 'up' started).")
    private @Nullable String flink;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, List<Finding>> findings = examination().findings(PATIENCE);
        Table table = Table.withColumns("", "ABOUT", "WHAT WAS FOUND");
        List<Map<String, String>> json = new ArrayList<>();
        findings.forEach((about, found) -> found.forEach(finding -> {
            table.row(finding.status(), about, finding.what());
            if (!finding.remedy().isEmpty()) {
                table.row("", "", "-> " + finding.remedy());
            }
            json.add(json(about, finding));
        }));
        output.result(json, table);
        List<Finding> all = findings.values().stream().flatMap(List::stream).toList();
        output.note("Problems: %d, warnings: %d".formatted(count(all, Status.PROBLEM), count(all, Status.WARNING)));
        return Finding.worst(all) == Status.PROBLEM ? ExitCode.CHECK_FAILED : ExitCode.DONE;
    }

    private Examination examination() {
        Clock clock = Clock.systemUTC();
        Optional<Pipelines> pipelines = pipelinesFile.read(connection);
        Optional<String> flinkUrl =
                Optional.ofNullable(flink).or(() -> connection.local().map(PlatformAddress::flink));
        MachineCheck machine = new MachineCheck(connection.data());
        TensorFlowCheck tensorFlow = new TensorFlowCheck(System.getProperty("os.arch"), ProcFiles.processorFlags());
        Broker broker = Broker.connect(connection);
        TopicsCheck topics = new TopicsCheck(connection, pipelines);
        LagCheck lag = new LagCheck(connection, pipelines, clock);
        LettersCheck letters = new LettersCheck(connection, clock);
        Examination examination =
                new Examination().look("versions", machine::versions).look("memory", machine::memory);
        if (connection.isLocal()) {
            examination.look("disk", machine::disk);
        }
        return examination
                .look("TensorFlow", tensorFlow::look)
                .look("Kafka", broker::cluster)
                .look("copies", broker.ifReachable(Broker::copies))
                .look("access", broker.ifReachable(new AccessCheck(connection, pipelines)::look))
                .look("transactions", broker.ifReachable(new TransactionsCheck(clock)::look))
                .look("clocks", broker.ifReachable(Broker::clock))
                .look("registry", topics::registry)
                .look("topics", broker.ifReachable(topics::topics))
                .look("ingest", broker.ifReachable(lag::ingest))
                .look("inference", broker.ifReachable(lag::inference))
                .look("rollout", broker.ifReachable(lag::rollout))
                .look("retrain", broker.ifReachable(lag::retrain))
                .look("Flink", new FlinkCheck(flinkUrl, clock)::look)
                .look("models", broker.ifReachable(new ModelsCheck(connection, pipelines)::look))
                .look("dead letters", broker.ifReachable(letters::deadLetters))
                .look("alerts", broker.ifReachable(letters::alerts));
    }

    private static long count(List<Finding> findings, Status status) {
        return findings.stream().filter(finding -> finding.status() == status).count();
    }

    private static Map<String, String> json(String about, Finding finding) {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("status", finding.status().name());
        json.put("about", about);
        json.put("finding", finding.what());
        json.put("remedy", finding.remedy());
        return json;
    }
}
