package dev.penstock.models.preprocessing.audio;

/**
 * From one sample rate to another by band-limited interpolation: a sinc of 32 zero crossings to each side under a Kaiser
 * window (beta 9, some 90 dB of attenuation), cut off at 0.94 of the lower rate's Nyquist frequency: flat to 0.84 of it,
 * and gone at 1.03. Output sample {@code n} is at the input's time {@code n / to}, silence surrounds the clip, and a
 * constant keeps its level exactly.
 *
 * <p>The filter is tabulated for every position between two samples that the two rates can meet at, or, for rates that
 * share no large divisor, for 512 and interpolated: neither its size nor the time to make it depends on what a header
 * claims. Immutable.
 *
 * @see <a href="https://ccrma.stanford.edu/~jos/resample/">J. O. Smith, Digital Audio Resampling Home Page</a>
 */
final class Resampler {
    private static final int ZERO_CROSSINGS = 32;
    private static final double KAISER_BETA = 9;
    private static final double ROLL_OFF = 0.94;
    private static final int INTERPOLATED_PHASES = 512;
    private static final int LARGEST_TABLE = 1 << 17;

    /** One side of the windowed sinc, so many points from one zero crossing to the next. */
    private static final int KERNEL_POINTS = 1024;

    private static final double[] KERNEL = kernel();

    private final long up;
    private final long down;
    private final int half;
    private final int taps;
    private final int phases;
    /** {@code [phases + 1, taps]}: the last row is the first one, a sample later. */
    private final float[] table;

    /** @param from and {@code to}: hertz */
    Resampler(int from, int to) {
        long divisor = greatestCommonDivisor(from, to);
        this.up = to / divisor;
        this.down = from / divisor;
        double cutOff = ROLL_OFF * Math.min(1, to / (double) from);
        this.half = (int) Math.ceil(ZERO_CROSSINGS / cutOff);
        this.taps = 2 * half;
        this.phases = (int) (up * taps <= LARGEST_TABLE ? up : Math.ceil(INTERPOLATED_PHASES * cutOff));
        this.table = new float[(phases + 1) * taps];
        for (int phase = 0; phase <= phases; phase++) {
            tabulate(phase, cutOff);
        }
    }

    private static long greatestCommonDivisor(long left, long right) {
        return right == 0 ? left : greatestCommonDivisor(right, left % right);
    }

    private static double[] kernel() {
        double[] kernel = new double[ZERO_CROSSINGS * KERNEL_POINTS + 1];
        for (int point = 0; point < kernel.length; point++) {
            double crossings = point / (double) KERNEL_POINTS;
            double sinc = point == 0 ? 1 : Math.sin(Math.PI * crossings) / (Math.PI * crossings);
            double inside = 1 - Math.pow(crossings / ZERO_CROSSINGS, 2);
            kernel[point] = sinc * besselI0(KAISER_BETA * Math.sqrt(inside)) / besselI0(KAISER_BETA);
        }
        return kernel;
    }

    /** Interpolated, with an error of less than -110 dB. */
    private static double kernelAt(double crossings) {
        double point = Math.abs(crossings) * KERNEL_POINTS;
        int lower = (int) point;
        if (lower >= KERNEL.length - 1) {
            return 0;
        }
        return KERNEL[lower] + (point - lower) * (KERNEL[lower + 1] - KERNEL[lower]);
    }

    private void tabulate(int phase, double cutOff) {
        int row = phase * taps;
        double sum = 0;
        for (int tap = 0; tap < taps; tap++) {
            double time = tap - half + 1 - phase / (double) phases;
            double weight = kernelAt(cutOff * time);
            table[row + tap] = (float) weight;
            sum += weight;
        }
        for (int tap = 0; tap < taps; tap++) {
            table[row + tap] /= (float) sum;
        }
    }

    /** Modified Bessel function of the first kind, order 0, by its power series. */
    private static double besselI0(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-12; k++) {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }

    /** Samples that a clip of {@code inputs} becomes. */
    int outputLength(int inputs) {
        return (int) Math.min(Integer.MAX_VALUE, (inputs * up + down - 1) / down);
    }

    /** Samples from the clip's start that its first {@code outputs} depend on. */
    long inputLength(int outputs) {
        return (outputs - 1) * down / up + half + 1;
    }

    /** @param outputs how many samples to make, from the start */
    float[] resample(float[] input, int outputs) {
        float[] output = new float[outputs];
        for (int index = 0; index < outputs; index++) {
            long position = index * down;
            int first = (int) (position / up) - half + 1;
            // Where between two rows of the table the output lies, in up-ths of a row; always 0 if up rows were made.
            long between = position % up * phases;
            int row = (int) (between / up);
            float share = between % up / (float) up;
            float value = dot(input, first, row);
            output[index] = share == 0 ? value : value + share * (dot(input, first, row + 1) - value);
        }
        return output;
    }

    private float dot(float[] input, int first, int row) {
        int from = Math.max(0, -first);
        int to = Math.min(taps, input.length - first);
        int at = row * taps;
        // Two sums, so that the processor need not wait for each addition.
        float even = 0;
        float odd = 0;
        int tap = from;
        for (; tap + 1 < to; tap += 2) {
            even += table[at + tap] * input[first + tap];
            odd += table[at + tap + 1] * input[first + tap + 1];
        }
        if (tap < to) {
            even += table[at + tap] * input[first + tap];
        }
        return even + odd;
    }
}
