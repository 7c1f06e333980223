package org.megatorrent;

/**
 * What the header of a blob says. It is not proved before the blob has been opened.
 *
 * @param suite the cipher
 * @param compression the compression
 * @param plaintextLength bytes of the chunk
 */
public record BlobInfo(Suite suite, Compression compression, int plaintextLength) {
}
