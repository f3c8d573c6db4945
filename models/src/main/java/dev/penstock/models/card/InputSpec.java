package dev.penstock.models.card;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** How one input of the model's signature is filled from a payload. */
public sealed interface InputSpec {
    /** Key of the input in the signature. */
    String name();

    /**
     * Decoded pixels, {@code [height, width, channels]} a row, or {@code [channels, height, width]}.
     *
     * @param width pixels, 1 or more; images are resized to it
     * @param height pixels, 1 or more
     * @param channels 1 (grey), 3 or 4 (with opacity)
     * @param scale what a channel value of 0 to 255 becomes
     */
    record Image(
            String name,
            int width,
            int height,
            int channels,
            NumberType type,
            PixelScale scale,
            Resize resize,
            Fit fit,
            ChannelOrder channelOrder,
            Layout layout)
            implements InputSpec {
        public enum Resize {
            BILINEAR,
            NEAREST,
            AREA
        }

        /** What happens to an image of another aspect ratio. */
        public enum Fit {
            STRETCH,
            CROP,
            PAD
        }

        public enum ChannelOrder {
            RGB,
            BGR
        }

        public enum Layout {
            CHANNELS_LAST,
            CHANNELS_FIRST
        }
    }

    /**
     * Pixel values: {@code ((value / 255) * (high - low) + low - mean[channel]) / deviation[channel]}.
     *
     * @param mean one per channel, or empty for 0
     * @param deviation one per channel, or empty for 1
     */
    record PixelScale(double low, double high, List<Double> mean, List<Double> deviation) {
        public PixelScale {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
        }
    }

    /** The encoded image or clip itself, as one string element, for models that decode in the graph. */
    record Encoded(String name) implements InputSpec {}

    /**
     * A mono waveform, {@code [samples]} a row, -1 to 1.
     *
     * @param sampleRate hertz; clips are resampled to it
     * @param samples length; longer clips are cut and shorter ones padded with silence, both at the end; 0 for as it is
     */
    record Waveform(String name, int sampleRate, int samples, NumberType type) implements InputSpec {}

    /** The text itself, as one string element. */
    record Text(String name, boolean lowerCase) implements InputSpec {}

    /**
     * Token ids from a vocabulary, or what belongs to them.
     *
     * @param vocabulary file in the bundle, one token a line; its line number from 0 is the id
     * @param length tokens a row; longer texts are cut at the end, shorter ones padded
     * @param buckets shorter lengths, ascending: a text is padded to the first that it fits; empty to pad all to {@code
     *     length}. Only for graphs that leave the length open and whose answers do not depend on padding
     * @param padding id that fills the rest
     * @param unknown token that stands for those that are not in the vocabulary
     * @param start token put before the text; empty for none
     * @param end token put after it, even if the text is cut; empty for none
     */
    record Tokens(
            String name,
            Part part,
            String vocabulary,
            Tokenizer tokenizer,
            boolean lowerCase,
            int length,
            List<Integer> buckets,
            int padding,
            String unknown,
            String start,
            String end,
            NumberType type)
            implements InputSpec {
        public Tokens {
            buckets = List.copyOf(buckets);
        }

        /** Tokens of a row for a text that has so many. */
        public int rowLength(int tokens) {
            for (int bucket : buckets) {
                if (tokens <= bucket) {
                    return bucket;
                }
            }
            return length;
        }

        /** All that rows are padded to, ascending. */
        public List<Integer> rowLengths() {
            List<Integer> lengths = new ArrayList<>(buckets);
            lengths.add(length);
            return List.copyOf(lengths);
        }

        public enum Part {
            IDS,
            /** 1 where there is a token, 0 where there is padding. */
            MASK,
            /** Always 0: which of two sentences a token belongs to, for models that ask. */
            SEGMENTS
        }

        public enum Tokenizer {
            WHITESPACE,
            /** Greedy longest match with {@code ##} continuations, as BERT's. */
            WORDPIECE,
            CHARACTERS
        }
    }

    /**
     * Named features in order, {@code [features]} a row, or {@code []} or {@code [1]} if the signature says so.
     *
     * @param features 1 or more
     */
    record Features(String name, List<Feature> features, NumberType type) implements InputSpec {
        public Features {
            features = List.copyOf(features);
        }
    }

    /** One category as it is, one string element a row. */
    record Category(String name, String feature, String missing) implements InputSpec {}

    /**
     * @param missing value where the record has none; empty to reject such records
     * @param categories empty for a number; else its place in this list is the value
     */
    record Feature(String name, OptionalDouble missing, List<String> categories) {
        public Feature {
            categories = List.copyOf(categories);
        }
    }

    /**
     * The same value for every call, not a row each: switches such as {@code keras_learning_phase}.
     *
     * @param value a number; 0 and 1 for booleans
     */
    record Constant(String name, double value, NumberType type) implements InputSpec {}
}
