package org.megatorrent;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Blobs: a chunk of a file, compressed where that makes it smaller, sealed with a key that is used for nothing else, and named by the
 * SHA-256 of the result.
 */
public final class Blob {
    /** The longest chunk, in bytes. */
    public static final int PLAINTEXT_LENGTH_MAX = 16_777_216;

    /** What sealing adds at most, in bytes. */
    public static final int OVERHEAD = 32;

    /** Bytes in a key. */
    public static final int KEY_LENGTH = 32;

    private Blob() {
    }

    /**
     * Returns the room that sealing a chunk needs.
     *
     * @param length bytes of the chunk
     * @return length + {@link #OVERHEAD}
     * @throws IllegalArgumentException if the length is below 0 or over {@link #PLAINTEXT_LENGTH_MAX}
     */
    public static int bound(int length) {
        if (length < 0 || length > PLAINTEXT_LENGTH_MAX) {
            throw new IllegalArgumentException("A chunk has 0 to 16,777,216 bytes, not " + length + ".");
        }
        return length + OVERHEAD;
    }

    /**
     * Seals a chunk with {@link BlobOptions#DEFAULT}.
     *
     * @param chunk the chunk, at most {@link #PLAINTEXT_LENGTH_MAX} bytes
     * @return the blob, its id and its key
     * @throws IllegalArgumentException if the chunk is too long
     */
    public static SealedBlob seal(byte[] chunk) {
        return seal(chunk, BlobOptions.DEFAULT);
    }

    /**
     * Seals a chunk.
     *
     * @param chunk the chunk, at most {@link #PLAINTEXT_LENGTH_MAX} bytes
     * @param options how
     * @return the blob, its id and its key
     * @throws IllegalArgumentException if the chunk is too long
     */
    public static SealedBlob seal(byte[] chunk, BlobOptions options) {
        byte[] blob = new byte[bound(chunk.length)];
        ByteBuffer dst = ByteBuffer.wrap(blob);
        BlobKey key = seal(dst, ByteBuffer.wrap(chunk), options);
        return new SealedBlob(dst.hasRemaining() ? Arrays.copyOf(blob, dst.position()) : blob, key.id(), key.key());
    }

    /**
     * Seals what remains of a buffer into another one.
     *
     * @param dst takes the blob; {@link #bound} bytes must remain, also where the blob will be shorter
     * @param src the chunk
     * @param options how
     * @return the blob's id and key
     * @throws IllegalArgumentException if the chunk is too long, too little remains of dst, or the two overlap
     * @throws java.nio.ReadOnlyBufferException if dst cannot be written to
     */
    public static BlobKey seal(ByteBuffer dst, ByteBuffer src, BlobOptions options) {
        Memory from = Memory.toRead(src);
        Memory to = Memory.toWrite(dst);
        to.mustNotOverlap(from);
        byte[] id = new byte[Cid.ID_LENGTH];
        byte[] key = new byte[KEY_LENGTH];
        int length = Check.sure(Native.blobSeal(
            to.object, to.where, to.length, id, key, from.object, from.where, from.length, options.suite.code(),
            options.compression.code(), options.tenantSecret));
        src.position(src.limit());
        dst.position(dst.position() + length);
        return new BlobKey(id, key);
    }

    /**
     * Opens a blob: checks that it is what was sealed under this key, and gives the chunk.
     *
     * @param blob the blob
     * @param key what opens it, {@link #KEY_LENGTH} bytes
     * @return the chunk
     * @throws MegatorrentException {@link Status#INTEGRITY}: the key is not this blob's, or the blob was changed; {@link Status#MALFORMED}:
     *     the bytes are no blob; {@link Status#UNSUPPORTED}: a version, suite or compression that this library does not know
     * @throws IllegalArgumentException if the key has another length
     */
    public static byte[] open(byte[] blob, byte[] key) throws MegatorrentException {
        Check.length(key, KEY_LENGTH, "A key");
        byte[] chunk = new byte[inspect(blob).plaintextLength()];
        ByteBuffer dst = ByteBuffer.wrap(chunk);
        open(dst, ByteBuffer.wrap(blob), key);
        return chunk;
    }

    /**
     * Opens the blob that remains of a buffer into another one. After a failure dst holds nothing of the chunk.
     *
     * @param dst takes the chunk
     * @param src the blob
     * @param key what opens it, {@link #KEY_LENGTH} bytes
     * @return bytes of the chunk
     * @throws MegatorrentException as {@link #open(byte[], byte[])} does, and {@link Status#BUFFER_TOO_SMALL}: the chunk is longer than
     *     what remains of dst; {@link #inspect(ByteBuffer)} says its length
     * @throws IllegalArgumentException if the key has another length, or the buffers overlap
     * @throws java.nio.ReadOnlyBufferException if dst cannot be written to
     */
    public static int open(ByteBuffer dst, ByteBuffer src, byte[] key) throws MegatorrentException {
        Check.length(key, KEY_LENGTH, "A key");
        Memory from = Memory.toRead(src);
        Memory to = Memory.toWrite(dst);
        to.mustNotOverlap(from);
        int length = Check.status(Native.blobOpen(to.object, to.where, to.length, key, from.object, from.where, from.length));
        src.position(src.limit());
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Reads the header of a blob.
     *
     * @param blob the blob
     * @return what it says
     * @throws MegatorrentException {@link Status#MALFORMED} or {@link Status#UNSUPPORTED}, as {@link #open(byte[], byte[])} does
     */
    public static BlobInfo inspect(byte[] blob) throws MegatorrentException {
        return inspect(Memory.of(blob));
    }

    /**
     * Reads the header of the blob that remains of a buffer, whose position stays.
     *
     * @param blob the blob
     * @return what it says
     * @throws MegatorrentException {@link Status#MALFORMED} or {@link Status#UNSUPPORTED}, as {@link #open(byte[], byte[])} does
     */
    public static BlobInfo inspect(ByteBuffer blob) throws MegatorrentException {
        return inspect(Memory.toRead(blob));
    }

    private static BlobInfo inspect(Memory blob) throws MegatorrentException {
        long[] numbers = new long[3];
        Check.status(Native.blobInspect(numbers, blob.object, blob.where, blob.length));
        return new BlobInfo(Suite.of(numbers[0]), Compression.of(numbers[1]), (int) numbers[2]);
    }
}
