package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HashesTest {
    /** Around the longest input that is copied, and the longest that is pinned. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 100_000, 16_777_216, 16_777_217})
    void everyLengthIsHashed(int length) throws Exception {
        byte[] data = Bytes.random(1, length);
        byte[] expected = MessageDigest.getInstance("SHA-256").digest(data);
        assertArrayEquals(expected, Hashes.sha256(data));
        assertArrayEquals(expected, Hashes.sha256(ByteBuffer.allocateDirect(length).put(data).flip()));
    }

    @ParameterizedTest
    @EnumSource(Bytes.Kind.class)
    void everyBufferIsHashedAndConsumed(Bytes.Kind kind) throws Exception {
        for (int length : new int[] {0, 5, 600, 40_000}) {
            byte[] data = Bytes.random(2, length);
            ByteBuffer buffer = kind.of(data);
            assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(data), Hashes.sha256(buffer));
            assertEquals(0, buffer.remaining());
            buffer = kind.of(data);
            assertArrayEquals(Hashes.merkleRoot(data), Hashes.merkleRoot(buffer));
            assertEquals(0, buffer.remaining());
        }
    }

    @Test
    void aPartOfAnArrayIsHashed() {
        byte[] data = Bytes.random(3, 1000);
        assertArrayEquals(Hashes.sha256(Arrays.copyOfRange(data, 10, 900)), Hashes.sha256(data, 10, 890));
    }

    @Test
    void partsOutsideOfAnArrayAreRefused() {
        byte[] data = new byte[10];
        assertThrows(IndexOutOfBoundsException.class, () -> Hashes.sha256(data, -1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Hashes.sha256(data, 0, 11));
        assertThrows(IndexOutOfBoundsException.class, () -> Hashes.sha256(data, 10, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Hashes.sha256(data, 1, Integer.MAX_VALUE));
        assertThrows(IndexOutOfBoundsException.class, () -> Hashes.sha256(data, 0, -1));
    }

    @Test
    void nullIsRefused() {
        assertThrows(NullPointerException.class, () -> Hashes.sha256((byte[]) null));
        assertThrows(NullPointerException.class, () -> Hashes.sha256((ByteBuffer) null));
        assertThrows(NullPointerException.class, () -> Hashes.sha256Many(new byte[0], null));
        assertThrows(NullPointerException.class, () -> Hashes.sha256Many(ByteBuffer.allocate(1), null));
        assertThrows(NullPointerException.class, () -> Hashes.merkleRoot((byte[]) null));
    }

    /** More than one batch, and more in heap arrays than is pinned at once. */
    @Test
    void manyMessagesAreHashedInAnyMixture() {
        byte[][] arrays = new byte[150][];
        ByteBuffer[] buffers = new ByteBuffer[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = Bytes.random(i, i == 7 ? 16_777_217 : i % 10 == 0 ? 3_000_000 : i * 11);
            buffers[i] = Bytes.Kind.values()[i % Bytes.Kind.values().length].of(arrays[i]);
        }
        byte[][] ofArrays = Hashes.sha256Many(arrays);
        byte[][] ofBuffers = Hashes.sha256Many(buffers);
        for (int i = 0; i < arrays.length; i++) {
            byte[] expected = Hashes.sha256(arrays[i]);
            assertArrayEquals(expected, ofArrays[i]);
            assertArrayEquals(expected, ofBuffers[i]);
            assertEquals(0, buffers[i].remaining());
        }
        assertEquals(0, Hashes.sha256Many(new byte[0][]).length);
    }
}
