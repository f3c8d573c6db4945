package dev.penstock.bench.variants;

/**
 * How wide the work is spread.
 *
 * @param slots of Flink, or threads of whoever has none
 * @param partitions of every topic that is read in parallel
 */
public record Scale(int slots, int partitions) {
    /** What the machine of the published figures has cores, and enough partitions to share out. */
    public static Scale usual() {
        return new Scale(2, 4);
    }
}
