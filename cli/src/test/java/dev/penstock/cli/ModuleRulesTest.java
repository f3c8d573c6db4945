package dev.penstock.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rooms of the house, and which doors there are. */
class ModuleRulesTest {
    private static final String ROOT = "dev.penstock.";

    /** What each module may use of the others; {@code cli} may use all. */
    private static final Map<String, List<String>> MAY_USE = Map.of(
            "data", List.of(),
            "schemas", List.of(),
            "local", List.of("schemas"),
            "models", List.of("schemas"),
            "ingest", List.of("schemas"),
            "flink", List.of("schemas"),
            "inference", List.of("schemas", "models", "flink"),
            "rollout", List.of("schemas", "flink"),
            "retrain", List.of("schemas", "models", "flink"));

    private static JavaClasses penstock;

    @BeforeAll
    static void read() {
        penstock = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.penstock");
    }

    @Test
    void everyModuleIsLookedAt() {
        for (String module : MAY_USE.keySet()) {
            assertThat(penstock.stream().filter(type -> type.getPackageName().startsWith(ROOT + module)))
                    .as(module)
                    .isNotEmpty();
        }
    }

    @Test
    void modulesUseOnlyWhatTheyMay() {
        MAY_USE.forEach((module, allowed) -> {
            List<String> others = MAY_USE.keySet().stream()
                    .filter(other -> !other.equals(module) && !allowed.contains(other))
                    .map(other -> ROOT + other + "..")
                    .toList();
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others.toArray(String[]::new))
                    .orShould()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + "cli..")
                    .check(penstock);
        });
    }

    @Test
    void tensorFlowStaysInModels() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "models..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.tensorflow..", "org.bytedeco..")
                .check(penstock);
    }

    @Test
    void flinkStaysInJobsAndTheCommand() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT + "flink..", ROOT + "inference..", ROOT + "rollout..", ROOT + "retrain..", ROOT + "cli..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are Flink's own",
                        type -> type.getPackageName().startsWith("org.apache.flink.")
                                && !type.getPackageName().startsWith("org.apache.flink.avro.")))
                .check(penstock);
    }

    /** What it does to metrics is internal to Flink: who upgrades that finds it in one place. */
    @Test
    void insidesOfFlinksMetricGroupsAreUsedInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "flink.metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.flink.runtime.metrics.groups..")
                .check(penstock);
    }

    @Test
    void theRegistrysClientStaysInTheWirePackageAndTheLocalRegistry() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "schemas.wire..", ROOT + "local..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.flink.avro.registry..")
                .check(penstock);
    }

    @Test
    void packagesHaveNoCycles() {
        for (String module : MAY_USE.keySet()) {
            slices().matching(ROOT + module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true)
                    .check(penstock);
        }
    }

    @Test
    void noPackageIsADrawerForEverything() {
        classes()
                .should()
                .resideOutsideOfPackages("..util..", "..utils..", "..common..", "..impl..", "..manager..", "..helper..")
                .check(penstock);
    }
}
