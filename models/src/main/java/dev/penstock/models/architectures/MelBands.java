package dev.penstock.models.architectures;

/**
 * Triangles that are evenly spaced on the mel scale, as ears hear: HTK's formula (Young et al., The HTK Book, 5.4), from
 * 80 Hz to 0.475 of the sample rate.
 */
final class MelBands {
    private static final double LOWEST_HERTZ = 80;
    private static final double HIGHEST_SHARE = 0.475;

    private MelBands() {}

    /** {@code [frequencies, bands]}: how much of each frequency of a spectrum is in each band. */
    static float[] weights(int frequencies, int bands, int sampleRate) {
        double low = mel(LOWEST_HERTZ);
        double step = (mel(HIGHEST_SHARE * sampleRate) - low) / (bands + 1);
        double hertzApart = sampleRate / 2.0 / (frequencies - 1);
        float[] weights = new float[frequencies * bands];
        for (int frequency = 0; frequency < frequencies; frequency++) {
            double place = (mel(frequency * hertzApart) - low) / step;
            for (int band = 0; band < bands; band++) {
                weights[frequency * bands + band] = (float) Math.max(0, 1 - Math.abs(place - (band + 1)));
            }
        }
        return weights;
    }

    private static double mel(double hertz) {
        return 1127 * Math.log1p(hertz / 700);
    }
}
