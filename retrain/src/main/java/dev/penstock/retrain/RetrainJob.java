package dev.penstock.retrain;

import static java.util.stream.Collectors.toSet;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.retrain.labels.JoinLabels;
import dev.penstock.retrain.labels.LabelPart;
import dev.penstock.retrain.labels.LabelSettings;
import dev.penstock.retrain.labels.LearntPipeline;
import dev.penstock.retrain.labels.ReadLabelParts;
import dev.penstock.retrain.labels.ReadingProgress;
import dev.penstock.retrain.runs.TrainModels;
import dev.penstock.retrain.runs.TrainModelsFactory;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.ReadTrainingNews;
import dev.penstock.retrain.triggers.TrainingNews;
import dev.penstock.retrain.triggers.TriggerTraining;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The whole graph: labels join requests and become examples; examples, read back with their offsets, begin trainings; and
 * trainings publish versions themselves and report. It knows no broker.
 */
public final class RetrainJob {
    private final List<LearntPipeline> pipelines;
    private final RegistryConnection registry;
    private final LabelSettings labels;
    private final TriggerTraining.Settings triggers;
    private final TrainModels.Settings trainings;

    RetrainJob(
            List<LearntPipeline> pipelines,
            RegistryConnection registry,
            LabelSettings labels,
            TriggerTraining.Settings triggers,
            TrainModels.Settings trainings) {
        this.pipelines = List.copyOf(pipelines);
        this.registry = registry;
        this.labels = labels;
        this.triggers = triggers;
        this.trainings = trainings;
    }

    /**
     * @param parts requests, predictions and feedback
     * @param news labelled examples, alerts, commands, rollouts, versions and reports of trainings
     * @param outcomes examples, reports, alerts and dead letters
     */
    void define(DataStream<InputRecord> parts, DataStream<InputRecord> news, Sink<OutputRecord> outcomes) {
        SingleOutputStreamOperator<LabelPart> read = parts.process(new ReadLabelParts(registry, pipelines))
                .name("read-label-parts")
                .uid("read-label-parts");
        SingleOutputStreamOperator<OutputRecord> examples = inTime(read)
                .keyBy(LabelPart::key, Types.STRING)
                .process(new JoinLabels(registry, pipelines, labels))
                .name("join-labels")
                .uid("join-labels");
        Set<String> models = pipelines.stream().map(LearntPipeline::model).collect(toSet());
        SingleOutputStreamOperator<TrainingNews> readNews = news.process(new ReadTrainingNews(registry, models))
                .name("read-training-news")
                .uid("read-training-news");
        SingleOutputStreamOperator<TrainingOrder> orders = readNews.keyBy(TrainingNews::model, Types.STRING)
                .process(new TriggerTraining(registry, triggers))
                .name("trigger-training")
                .uid("trigger-training");
        SingleOutputStreamOperator<OutputRecord> reports = orders.transform(
                        "train-models", TypeInformation.of(OutputRecord.class), new TrainModelsFactory(trainings))
                .uid("train-models")
                .setParallelism(1)
                .setMaxParallelism(1);
        examples.union(read.getSideOutput(ReadLabelParts.DEAD_LETTERS))
                .union(orders.getSideOutput(TriggerTraining.ALERTS))
                .union(orders.getSideOutput(TriggerTraining.REPORTS))
                .union(readNews.getSideOutput(ReadTrainingNews.ANSWERS))
                .sinkTo(outcomes)
                .name("write-outcomes")
                .uid("write-outcomes");
        // One writer, so that a training's reports are read in the order in which they were made.
        reports.sinkTo(outcomes).name("write-reports").uid("write-reports").setParallelism(1);
    }

    /** Time is only asked for where silence is waited for. */
    private DataStream<LabelPart> inTime(DataStream<LabelPart> parts) {
        List<Silence> rules = pipelines.stream()
                .map(LearntPipeline::silence)
                .filter(Objects::nonNull)
                .toList();
        return rules.isEmpty()
                ? parts
                : parts.assignTimestampsAndWatermarks(ReadingProgress.strategy(rules, Clock.systemUTC()))
                        .name("tell-the-time")
                        .uid("tell-the-time");
    }
}
