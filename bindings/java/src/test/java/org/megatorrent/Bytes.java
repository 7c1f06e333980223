package org.megatorrent;

import java.nio.ByteBuffer;
import java.util.Random;

/** Bytes for tests, in every kind of memory that a method may be given. */
final class Bytes {
    private Bytes() {
    }

    /** The kinds of buffers. */
    enum Kind {
        HEAP,
        HEAP_SLICE,
        HEAP_READ_ONLY,
        DIRECT,
        DIRECT_SLICE,
        DIRECT_READ_ONLY;

        boolean canBeWritten() {
            return this != HEAP_READ_ONLY && this != DIRECT_READ_ONLY;
        }

        /** A buffer of this kind whose remaining bytes are these. */
        ByteBuffer of(byte[] bytes) {
            return switch (this) {
                case HEAP -> ByteBuffer.wrap(bytes.clone());
                case HEAP_SLICE -> framed(ByteBuffer.allocate(bytes.length + 13), bytes);
                case HEAP_READ_ONLY -> framed(ByteBuffer.allocate(bytes.length + 13), bytes).asReadOnlyBuffer();
                case DIRECT -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
                case DIRECT_SLICE -> framed(ByteBuffer.allocateDirect(bytes.length + 13), bytes);
                case DIRECT_READ_ONLY -> framed(ByteBuffer.allocateDirect(bytes.length + 13), bytes).asReadOnlyBuffer();
            };
        }

        /** A slice, with something before and behind, whose position is not 0. */
        private static ByteBuffer framed(ByteBuffer room, byte[] bytes) {
            return room.position(3).slice().position(4).put(bytes).limit(bytes.length + 4).position(4);
        }
    }

    /** The same bytes for the same seed. */
    static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] remaining(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
