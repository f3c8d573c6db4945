package dev.penstock.models.learning;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What a version learns from, and what it is judged by. The same examples in the same order and the same seed give the
 * same set.
 *
 * @param training to learn from, in the order in which they were given
 * @param heldOut to judge by, none of them in {@code training}
 * @param leftOut how many were not taken, by why
 */
public record TrainingSet(List<LabelledExample> training, List<LabelledExample> heldOut, Map<String, Integer> leftOut) {
    /** What systems say is not learned from: it may be a model's own verdict. */
    private static final Set<FeedbackSource> LEARNED_FROM = Collections.unmodifiableSet(
            EnumSet.of(FeedbackSource.SILENCE, FeedbackSource.HUMAN, FeedbackSource.OUTCOME, FeedbackSource.APPEAL));

    private static final char SEPARATOR = '\u001f';

    public TrainingSet {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
        leftOut = Collections.unmodifiableMap(new TreeMap<>(leftOut));
    }

    /** Everything as it is given. */
    public TrainingSet(List<LabelledExample> training, List<LabelledExample> heldOut) {
        this(training, heldOut, Map.of());
    }

    /**
     * Selects from what is there: new examples, and a sample of older ones. Of several of one request the last counts.
     *
     * @param older in the order of the topic
     * @param fresh in the order of the topic, after the older ones
     */
    public static TrainingSet select(
            List<LabelledExample> older, List<LabelledExample> fresh, Selection selection, long seed) {
        return new Selecting(selection, seed).select(older, fresh);
    }

    /** One selection. */
    private static final class Selecting {
        private final Selection selection;
        private final SplittableRandom random;
        private final Map<String, Integer> leftOut = new TreeMap<>();

        Selecting(Selection selection, long seed) {
            this.selection = selection;
            this.random = new SplittableRandom(seed);
        }

        TrainingSet select(List<LabelledExample> older, List<LabelledExample> fresh) {
            Map<String, LabelledExample> olderByRequest = new LinkedHashMap<>();
            Map<String, LabelledExample> freshByRequest = new LinkedHashMap<>();
            older.forEach(example -> take(example, olderByRequest));
            fresh.forEach(example -> take(example, freshByRequest));
            int before = olderByRequest.size();
            olderByRequest.keySet().removeAll(freshByRequest.keySet());
            count("labelled again", before - olderByRequest.size());

            List<LabelledExample> heldOut = new ArrayList<>();
            List<LabelledExample> training = new ArrayList<>();
            split(olderByRequest, training, heldOut);
            training = sample(training, selection.mostOlder(), "older than the sample");
            split(freshByRequest, training, heldOut);

            training = capSources(training);
            training = capEach(
                    training, LabelledExample::getLabel, label -> selection.mostPerLabel(), "too many of one label");
            training = sample(training, selection.mostTraining(), "too many to learn from");
            heldOut = sample(capSources(heldOut), selection.mostHeldOut(), "too many to judge by");
            return new TrainingSet(training, heldOut, leftOut);
        }

        /** In the place of the request's last label. */
        private void take(LabelledExample example, Map<String, LabelledExample> byRequest) {
            if (!LEARNED_FROM.contains(example.getSource())) {
                count("not from people or outcomes", 1);
            } else if (weight(example) <= 0) {
                count("without certainty", 1);
            } else {
                String request = example.getPipeline() + SEPARATOR + example.getRequestId();
                if (byRequest.remove(request) != null) {
                    count("labelled again", 1);
                }
                byRequest.put(request, example);
            }
        }

        private void split(
                Map<String, LabelledExample> examples, List<LabelledExample> training, List<LabelledExample> heldOut) {
            for (LabelledExample example : examples.values()) {
                boolean out = selection.heldOutShare().holdsOut(example.getPipeline(), example.getRequestId());
                (out ? heldOut : training).add(example);
            }
        }

        /** Among those of its kind: people rarely say as much as outcomes do, and take nothing away from them. */
        private List<LabelledExample> capSources(List<LabelledExample> examples) {
            Map<FeedbackSource, Map<String, Integer>> counts = new EnumMap<>(FeedbackSource.class);
            examples.forEach(example -> counts.computeIfAbsent(example.getSource(), kind -> new TreeMap<>())
                    .merge(source(example), 1, Integer::sum));
            Map<String, Integer> caps = new HashMap<>();
            counts.values().forEach(ofKind -> {
                int cap = SourceCap.of(ofKind.values(), selection.largestSourceShare());
                ofKind.keySet().forEach(source -> caps.put(source, cap));
            });
            return capEach(examples, Selecting::source, caps::get, "too many from one source");
        }

        private static String source(LabelledExample example) {
            return example.getSource() + "/" + example.getSaidBy();
        }

        /** @param cap how many of a kind are taken at most */
        private List<LabelledExample> capEach(
                List<LabelledExample> examples,
                Function<LabelledExample, String> kind,
                ToIntFunction<String> cap,
                String why) {
            Map<String, Integer> left = new TreeMap<>();
            examples.forEach(example -> left.merge(kind.apply(example), 1, Integer::sum));
            Map<String, Integer> wanted = new TreeMap<>(left);
            wanted.replaceAll((key, count) -> Math.min(count, cap.applyAsInt(key)));
            List<LabelledExample> taken = new ArrayList<>();
            // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S), once for each kind.
            for (LabelledExample example : examples) {
                String key = kind.apply(example);
                if (random.nextInt(left.get(key)) < wanted.get(key)) {
                    wanted.merge(key, -1, Integer::sum);
                    taken.add(example);
                }
                left.merge(key, -1, Integer::sum);
            }
            count(why, examples.size() - taken.size());
            return taken;
        }

        private List<LabelledExample> sample(List<LabelledExample> examples, int most, String why) {
            return capEach(examples, example -> "", all -> most, why);
        }

        private void count(String why, int examples) {
            if (examples > 0) {
                leftOut.merge(why, examples, Integer::sum);
            }
        }
    }

    /** Before it is capped: the inverse of the propensity, times how sure the source was, which is 1 at most. */
    static double weight(LabelledExample example) {
        double weight = example.getWeight() * Math.min(1, example.getCertainty());
        return Double.isFinite(weight) ? weight : 0;
    }

    /** SHA-256 over what is learned from and judged by, in order: 64 lower-case hexadecimal digits. */
    public String digest() {
        MessageDigest digest = HeldOutShare.sha256();
        training.forEach(example -> add(digest, "training", example));
        heldOut.forEach(example -> add(digest, "held-out", example));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, String part, LabelledExample example) {
        String facts = String.join(
                String.valueOf(SEPARATOR),
                part,
                example.getPipeline(),
                example.getRequestId(),
                example.getLabel(),
                example.getSource().toString(),
                example.getSaidBy(),
                Double.toString(example.getCertainty()),
                Double.toString(example.getWeight()),
                new TreeMap<>(example.getFeatures()).toString(),
                new TreeMap<>(example.getAttributes()).toString());
        add(digest, facts.getBytes(UTF_8));
        add(digest, bytes(example.getPayload()));
    }

    /** With its length, so that no two lists of parts give the same bytes. */
    private static void add(MessageDigest digest, byte[] part) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        digest.update(part);
    }

    private static byte[] bytes(Object payload) {
        if (payload instanceof TextPayload text) {
            return text.getText().getBytes(UTF_8);
        } else if (payload instanceof ImagePayload image) {
            return bytes(image.getContent());
        } else if (payload instanceof AudioPayload audio) {
            return bytes(audio.getContent());
        } else if (payload instanceof VectorPayload vector) {
            return bytes(vector.getValues());
        } else if (payload instanceof FeaturesPayload features) {
            return (new TreeMap<>(features.getNumbers()).toString()
                            + SEPARATOR
                            + new TreeMap<>(features.getCategories()))
                    .getBytes(UTF_8);
        }
        throw new IllegalArgumentException("Cannot learn from a payload of type %s"
                .formatted(payload == null ? null : payload.getClass().getName()));
    }

    private static byte[] bytes(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return bytes;
    }
}
