package org.megatorrent;

/**
 * How an object is.
 *
 * @param healthy whether every stripe has every blob, and each was read and hashed
 * @param recoverable whether every stripe can be read
 * @param lowestMargin how many more blobs the weakest stripe can lose; below 0: it is lost
 * @param stripes number of stripes
 * @param healthyStripes stripes that have every blob
 * @param blobs blobs and copies that should be there
 * @param goodBlobs blobs that were read and are right
 * @param missingBlobs blobs that no living node has
 * @param badBlobs blobs that a node has, and that are wrong
 */
public record VerifyReport(
    boolean healthy, boolean recoverable, int lowestMargin, int stripes, int healthyStripes, int blobs, int goodBlobs, int missingBlobs,
    int badBlobs) {
    static VerifyReport of(Operation.Outcome outcome) {
        long[] numbers = outcome.numbers();
        return new VerifyReport(
            numbers[0] == 1, numbers[1] == 1, (int) numbers[2], (int) numbers[3], (int) numbers[4], (int) numbers[5], (int) numbers[6],
            (int) numbers[7], (int) numbers[8]);
    }
}
