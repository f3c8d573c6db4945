package dev.penstock.cli.rollouts;

import dev.penstock.cli.output.Table;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Evaluations, check by check. */
final class Checks {
    private Checks() {}

    static Table table(List<Evaluation> evaluations) {
        Table table = Table.withColumns(
                "MODEL",
                "VERSION",
                "AGAINST",
                "CHECK",
                "VERDICT",
                "SAMPLES",
                "ESTIMATE",
                "LOWER",
                "UPPER",
                "LIMIT",
                "COULD SEE",
                "DETAIL");
        for (Evaluation evaluation : evaluations) {
            for (Check check : evaluation.getChecks()) {
                table.row(
                        evaluation.getModel(),
                        evaluation.getVersion(),
                        evaluation.getAgainst() == null ? "-" : evaluation.getAgainst(),
                        check.getName(),
                        Words.of(check.getVerdict()),
                        check.getSamples(),
                        number(check.getEstimate()),
                        number(check.getLower()),
                        number(check.getUpper()),
                        number(check.getLimit()),
                        number(check.getSmallestEffect()),
                        check.getDetail());
            }
            table.row(
                    evaluation.getModel(),
                    evaluation.getVersion(),
                    evaluation.getAgainst() == null ? "-" : evaluation.getAgainst(),
                    "all",
                    Words.of(evaluation.getVerdict()),
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "at %s, as %s with %s of entities"
                            .formatted(
                                    Words.time(evaluation.getEvaluatedAt()),
                                    Words.of(evaluation.getStage()),
                                    Words.share(evaluation.getShare())));
        }
        return table;
    }

    static Map<String, Object> json(Evaluation evaluation) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", evaluation.getVersion());
        json.put("against", evaluation.getAgainst());
        json.put("stage", Words.of(evaluation.getStage()));
        json.put("share", evaluation.getShare());
        json.put("verdict", Words.of(evaluation.getVerdict()));
        json.put("evaluatedAt", evaluation.getEvaluatedAt().toString());
        json.put("checks", evaluation.getChecks().stream().map(Checks::json).toList());
        return json;
    }

    private static Map<String, Object> json(Check check) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", check.getName());
        json.put("verdict", Words.of(check.getVerdict()));
        json.put("samples", check.getSamples());
        json.put("estimate", check.getEstimate());
        json.put("lower", check.getLower());
        json.put("upper", check.getUpper());
        json.put("limit", check.getLimit());
        json.put("smallestEffect", check.getSmallestEffect());
        json.put("detail", check.getDetail());
        return json;
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
