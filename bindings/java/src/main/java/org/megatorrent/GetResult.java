package org.megatorrent;

/**
 * What a get has brought.
 *
 * @param blobsRebuilt data blobs that had to be computed from parity
 * @param badBlobs blobs that arrived with the wrong bytes, and were refused
 * @param bytes bytes of the object
 * @param bytesResumed of which an earlier get that was interrupted had brought this many
 */
public record GetResult(int blobsRebuilt, int badBlobs, long bytes, long bytesResumed) {
    static GetResult of(Operation.Outcome outcome) {
        long[] numbers = outcome.numbers();
        return new GetResult((int) numbers[0], (int) numbers[1], numbers[2], numbers[3]);
    }
}
