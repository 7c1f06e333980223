package org.megatorrent;

/**
 * What a put has stored.
 *
 * @param capability what reads the object; a secret
 * @param stripes stripes of the object, manifests included
 * @param incompleteStripes of which this many miss a blob; the nodes add it by themselves
 * @param missingBlobs blobs that are missing
 * @param blobsStored blobs that were stored
 * @param blobsReused blobs that were there already
 * @param bytes bytes of the object
 * @param storedBytes bytes of blobs, parity and manifests included
 */
public record PutResult(
    String capability, int stripes, int incompleteStripes, int missingBlobs, int blobsStored, int blobsReused, long bytes,
    long storedBytes) {
    static PutResult of(Operation.Outcome outcome) {
        long[] numbers = outcome.numbers();
        return new PutResult(
            outcome.capability(), (int) numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3], (int) numbers[4], numbers[5],
            numbers[6]);
    }

    /**
     * Returns the numbers without the capability, which is a secret.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "PutResult[stripes=" + stripes + ", incompleteStripes=" + incompleteStripes + ", missingBlobs=" + missingBlobs
            + ", blobsStored=" + blobsStored + ", blobsReused=" + blobsReused + ", bytes=" + bytes + ", storedBytes=" + storedBytes + "]";
    }
}
