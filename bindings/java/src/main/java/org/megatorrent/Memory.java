package org.megatorrent;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;

/**
 * A run of bytes as native methods take it: the array or direct buffer; where the bytes begin in it (in a direct buffer the complement of
 * that, so that the native side need not ask what it was given); and how many there are.
 */
final class Memory {
    final Object object;
    final int where;
    final int length;

    private Memory(Object object, int where, int length) {
        this.object = object;
        this.where = where;
        this.length = length;
    }

    static Memory of(byte[] array) {
        return new Memory(array, 0, array.length);
    }

    static Memory of(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
        return new Memory(array, offset, length);
    }

    /** What remains of a buffer, to be read. A read-only heap buffer is copied, since nobody can get at its array. */
    static Memory toRead(ByteBuffer buffer) {
        if (!buffer.isDirect() && !buffer.hasArray()) {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            return of(copy);
        }
        return remaining(buffer);
    }

    /** What remains of a buffer, to be written to. */
    static Memory toWrite(ByteBuffer buffer) {
        if (buffer.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        return remaining(buffer);
    }

    /** Refuses two runs of one array that overlap. Of direct buffers the library sees it. */
    void mustNotOverlap(Memory other) {
        if (object == other.object && where >= 0 && where < other.where + other.length && other.where < where + length) {
            throw new IllegalArgumentException("The output overlaps the input.");
        }
    }

    /** Position and limit are read once: a thread that moves them meanwhile must not lead us outside of the buffer. */
    private static Memory remaining(ByteBuffer buffer) {
        int position = buffer.position();
        int length = buffer.limit() - position;
        if (length < 0) {
            throw new IllegalArgumentException("Another thread moves the position of the buffer.");
        }
        return buffer.isDirect()
            ? new Memory(buffer, ~position, length)
            : new Memory(buffer.array(), buffer.arrayOffset() + position, length);
    }
}
