package org.megatorrent;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** SHA-256 (FIPS 180-4) and Merkle trees (BEP 52), with what the processor has for it. */
public final class Hashes {
    /** Bytes in a hash. */
    public static final int LENGTH = 32;

    /** Bytes of a leaf of the Merkle tree. */
    public static final int MERKLE_BLOCK_LENGTH = 16_384;

    /** Messages that are hashed in one call, and bytes of theirs in heap arrays: no garbage collection can run meanwhile. */
    private static final int BATCH_COUNT_MAX = 64;
    private static final int BATCH_HEAP_LENGTH_MAX = 16 << 20;

    private Hashes() {
    }

    /**
     * Hashes bytes.
     *
     * @param data the bytes
     * @return their SHA-256, {@link #LENGTH} bytes
     */
    public static byte[] sha256(byte[] data) {
        return sha256(data, 0, data.length);
    }

    /**
     * Hashes a part of an array.
     *
     * @param data the array
     * @param offset index of the first byte
     * @param length how many bytes
     * @return their SHA-256, {@link #LENGTH} bytes
     * @throws IndexOutOfBoundsException if the part is not in the array
     */
    public static byte[] sha256(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        byte[] hash = new byte[LENGTH];
        Check.sure(Native.sha256(hash, data, offset, length));
        return hash;
    }

    /**
     * Hashes what remains of a buffer.
     *
     * @param data the buffer; its position moves to its limit
     * @return the SHA-256, {@link #LENGTH} bytes
     */
    public static byte[] sha256(ByteBuffer data) {
        Memory memory = Memory.toRead(data);
        byte[] hash = new byte[LENGTH];
        Check.sure(Native.sha256(hash, memory.object, memory.where, memory.length));
        data.position(data.limit());
        return hash;
    }

    /**
     * Hashes many messages, several at a time where the processor allows it: much faster than one after the other when there are eight or
     * more of about the same length.
     *
     * @param messages the messages
     * @return the SHA-256 of each, in their order
     */
    public static byte[][] sha256Many(byte[]... messages) {
        Memory[] memory = new Memory[messages.length];
        for (int i = 0; i < messages.length; i++) {
            memory[i] = Memory.of(messages[i]);
        }
        return sha256Many(memory);
    }

    /**
     * Hashes what remains of many buffers, like {@link #sha256Many(byte[][])}.
     *
     * @param messages the buffers; their positions move to their limits
     * @return the SHA-256 of each, in their order
     */
    public static byte[][] sha256Many(ByteBuffer... messages) {
        Memory[] memory = new Memory[messages.length];
        for (int i = 0; i < messages.length; i++) {
            memory[i] = Memory.toRead(messages[i]);
        }
        byte[][] hashes = sha256Many(memory);
        for (ByteBuffer message : messages) {
            message.position(message.limit());
        }
        return hashes;
    }

    /**
     * Computes the root of the Merkle tree over bytes, as BEP 52 has it for a file: the leaves are the SHA-256 of blocks of
     * {@link #MERKLE_BLOCK_LENGTH} bytes, the last of which may be shorter, filled up with zero hashes to a power of two.
     *
     * @param data the bytes
     * @return the root, {@link #LENGTH} bytes; zeros for no bytes, which BEP 52 gives no root
     */
    public static byte[] merkleRoot(byte[] data) {
        return merkleRoot(Memory.of(data));
    }

    /**
     * Computes the root of the Merkle tree over what remains of a buffer, like {@link #merkleRoot(byte[])}.
     *
     * @param data the buffer; its position moves to its limit
     * @return the root, {@link #LENGTH} bytes
     */
    public static byte[] merkleRoot(ByteBuffer data) {
        byte[] root = merkleRoot(Memory.toRead(data));
        data.position(data.limit());
        return root;
    }

    private static byte[] merkleRoot(Memory memory) {
        byte[] root = new byte[LENGTH];
        Check.sure(Native.merkleRoot(root, memory.object, memory.where, memory.length));
        return root;
    }

    private static byte[][] sha256Many(Memory[] messages) {
        if (messages.length > Integer.MAX_VALUE / LENGTH) {
            throw new IllegalArgumentException("The hashes of " + messages.length + " messages do not fit into an array.");
        }
        Object[] objects = new Object[messages.length];
        int[] wheres = new int[messages.length];
        int[] lengths = new int[messages.length];
        for (int i = 0; i < messages.length; i++) {
            objects[i] = messages[i].object;
            wheres[i] = messages[i].where;
            lengths[i] = messages[i].length;
        }
        byte[] joined = new byte[messages.length * LENGTH];
        for (int first = 0; first < messages.length; ) {
            int count = batch(messages, first);
            Check.sure(Native.sha256Many(joined, first, objects, wheres, lengths, count));
            first += count;
        }
        byte[][] hashes = new byte[messages.length][];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = Arrays.copyOfRange(joined, i * LENGTH, (i + 1) * LENGTH);
        }
        return hashes;
    }

    /** How many messages from first on make a batch; at least one. */
    private static int batch(Memory[] messages, int first) {
        long heap = 0;
        int count = 0;
        while (first + count < messages.length && count < BATCH_COUNT_MAX) {
            Memory message = messages[first + count];
            heap += message.where < 0 ? 0 : message.length;
            if (count > 0 && heap > BATCH_HEAP_LENGTH_MAX) {
                break;
            }
            count++;
        }
        return count;
    }
}
