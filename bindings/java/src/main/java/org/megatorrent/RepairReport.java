package org.megatorrent;

/**
 * What a repair has done.
 *
 * @param stripes stripes that were looked at
 * @param stripesRepaired stripes that got at least one blob back
 * @param blobsRestored blobs that were stored anew
 * @param stillMissing blobs for which there is no node now
 * @param unrecoverable stripes with fewer than k blobs
 */
public record RepairReport(int stripes, int stripesRepaired, int blobsRestored, int stillMissing, int unrecoverable) {
    static RepairReport of(Operation.Outcome outcome) {
        long[] numbers = outcome.numbers();
        return new RepairReport((int) numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3], (int) numbers[4]);
    }
}
