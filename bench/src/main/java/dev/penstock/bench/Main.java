package dev.penstock.bench;

import dev.penstock.bench.measuring.Growth;
import dev.penstock.bench.report.Report;
import dev.penstock.bench.report.WorkloadReport;
import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Scale;
import dev.penstock.bench.workloads.Workload;
import dev.penstock.bench.workloads.Workloads;
import dev.penstock.measuring.MeasuringCommand;
import dev.penstock.schemas.FeaturesPayload;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: measures, prints the tables and, where asked, keeps them. */
@Command(
        name = "penstock bench",
        mixinStandardHelpOptions = true,
        description = "Measures the inference job against its ceiling and its peers, end to end on this machine.")
public final class Main implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--workload",
            split = ",",
            description = "dense, image, text, fraud; several with commas. Default: dense, or none with --growth")
    private List<String> workloads = List.of();

    @Option(
            names = "--variants",
            split = ",",
            description =
                    "product, product-exactly-once, ceiling, flink-tf, flink-tf-tuned, flink-onnx, streams-tf, raw-tf, and product-single for latency. Default: all, with --growth product and ceiling")
    private List<String> variants = List.of();

    @Option(
            names = "--events",
            description =
                    "The most that one reads in a round. Default: 400,000 of light workloads, 16,000 of heavy ones")
    private Optional<Integer> events = Optional.empty();

    @Option(names = "--rounds", defaultValue = "5", description = "That count. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(names = "--warm-ups", defaultValue = "4", description = "Rounds before. Default: ${DEFAULT-VALUE}")
    private int warmUps;

    @Option(names = "--latency", description = "Measures latency after throughput")
    private boolean latency;

    @Option(
            names = "--swaps",
            defaultValue = "0",
            description =
                    "Swaps so many versions under load in the end; 200 tell about memory. Default: ${DEFAULT-VALUE}")
    private int swaps;

    @Option(
            names = "--training",
            description = "Measures what a training on the same machine does to the product's latency")
    private boolean training;

    @Option(
            names = "--growth",
            description = "Measures what an event costs as slots, partitions, the model and the records grow")
    private boolean growth;

    @Option(
            names = "--ingest",
            description = "Measures ingest on the same records instead; a record's payload must be one field")
    private boolean ingest;

    @Option(names = "--results", description = "Directory to write the report into, as Markdown and JSON")
    private Optional<Path> results = Optional.empty();

    @Option(names = "--record", description = "Directory for Flight Recorder files of every contender's process")
    private Optional<Path> recordings = Optional.empty();

    public static void main(String[] arguments) {
        System.exit(MeasuringCommand.execute(new Main(), arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<String> usual = growth ? List.of() : List.of("dense");
        List<Workload> chosen = named(workloads.isEmpty() ? usual : workloads, Workloads::named);
        List<Contender> all = latency ? Contender.inLatency() : Contender.inThroughput();
        List<Contender> usualOnes = ingest ? Contender.inIngest() : all;
        List<Contender> contenders = variants.isEmpty() ? usualOnes : named(variants, Contender::labelled);
        if (contenders.stream().anyMatch(contender -> contender.isIngest() != ingest)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Cannot measure %s: ingest writes what others read; measure it alone, with --ingest"
                            .formatted(variants));
        }
        if (ingest && chosen.stream().anyMatch(Main::hasNamedFeatures)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Cannot measure ingest on %s: its payload is not one field".formatted(workloads));
        }
        if (ingest && (latency || training || swaps > 0 || growth)) {
            throw new ParameterException(
                    spec.commandLine(), "Cannot measure latency, training, swaps or growth of ingest; leave them out");
        }
        if (training && !contenders.contains(Contender.PRODUCT)) {
            throw new ParameterException(
                    spec.commandLine(), "Cannot train beside %s: name product among them".formatted(variants));
        }
        Instant start = Instant.now();
        Benchmark.Plan plan = new Benchmark.Plan(events, warmUps, rounds, latency, training, swaps, Scale.usual());
        List<WorkloadReport> reports = new ArrayList<>();
        for (Workload workload : chosen) {
            reports.add(new Benchmark(workload, contenders, plan, recordings, System.err::println).run());
        }
        List<Growth> grown = List.of();
        if (growth) {
            List<Contender> growing = variants.isEmpty() ? List.of(Contender.PRODUCT, Contender.CEILING) : contenders;
            grown = new GrowthSeries(growing, plan, recordings, System.err::println).run();
        }
        Report report = Report.of(start, rounds, reports, grown);
        System.out.print(report.toMarkdown());
        if (results.isPresent()) {
            report.write(results.get());
        }
        return 0;
    }

    private <T> List<T> named(List<String> names, Function<String, T> find) {
        try {
            return names.stream().map(find).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static boolean hasNamedFeatures(Workload workload) {
        return workload.payloads().get(0) instanceof FeaturesPayload;
    }
}
