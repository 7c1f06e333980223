package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReedSolomonTest {
    private static byte[][] shards(int count, int length) {
        byte[][] shards = new byte[count][];
        for (int i = 0; i < count; i++) {
            shards[i] = Bytes.random(i, length);
        }
        return shards;
    }

    private static ByteBuffer[] direct(byte[][] shards) {
        return Arrays.stream(shards).map(Bytes.Kind.DIRECT_SLICE::of).toArray(ByteBuffer[]::new);
    }

    private static byte[][] concat(byte[][] first, byte[][] second) {
        byte[][] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Heap shards are worked on in windows of 16 MiB in all, direct ones at once; the last window is a short one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 3_000_001})
    void heapAndDirectShardsGiveTheSame(int length) throws Exception {
        try (ReedSolomon code = new ReedSolomon(6, 3)) {
            byte[][] data = shards(6, length);
            byte[][] parity = new byte[3][length];
            ByteBuffer[] directParity = direct(parity);
            code.encode(data, parity);
            code.encode(direct(data), directParity);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(parity[i], Bytes.remaining(directParity[i]));
            }

            byte[][] all = concat(data, parity);
            assertTrue(code.verify(all));
            assertTrue(code.verify(direct(all)));
            if (length == 0) {
                return;
            }

            all[8][length - 1] ^= 1;
            assertFalse(code.verify(all));
            assertFalse(code.verify(direct(all)));
            all[8][length - 1] ^= 1;

            boolean[] present = {true, false, true, true, true, false, true, false, true};
            byte[][] damaged = all.clone();
            ByteBuffer[] directDamaged = direct(all);
            damaged[1] = new byte[length];
            damaged[5] = null;
            damaged[7] = new byte[length];
            directDamaged[1] = ByteBuffer.allocateDirect(length);
            directDamaged[5] = ByteBuffer.allocate(length);
            directDamaged[7] = null;
            code.reconstruct(damaged, present);
            code.reconstruct(directDamaged, present);
            assertArrayEquals(all[1], damaged[1]);
            assertArrayEquals(all[7], damaged[7]);
            assertNull(damaged[5]);
            assertArrayEquals(all[1], Bytes.remaining(directDamaged[1]));
            assertArrayEquals(all[5], Bytes.remaining(directDamaged[5]));

            byte[] changed = Bytes.random(99, length);
            code.update(parity, 2, data[2], changed);
            code.update(directParity, 2, ByteBuffer.wrap(data[2]), Bytes.Kind.DIRECT_READ_ONLY.of(changed));
            data[2] = changed;
            byte[][] fresh = new byte[3][length];
            code.encode(data, fresh);
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(fresh[i], parity[i]);
                assertArrayEquals(fresh[i], Bytes.remaining(directParity[i]));
            }
        }
    }

    @Test
    void tooFewShardsAreSaidSo() {
        try (ReedSolomon code = new ReedSolomon(2, 1)) {
            byte[][] shards = shards(3, 8);
            byte[][] before = {shards[0].clone(), shards[1].clone(), shards[2].clone()};
            MegatorrentException failure = assertThrows(
                MegatorrentException.class, () -> code.reconstruct(shards, new boolean[] {true, false, false}));
            assertEquals(Status.NOT_ENOUGH_SHARDS, failure.status());
            assertFalse(failure.detail().isEmpty());
            assertArrayEquals(before, shards);
        }
    }

    @Test
    void whatWouldNotFitIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ReedSolomon(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new ReedSolomon(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ReedSolomon(1, -1));
        assertThrows(IllegalArgumentException.class, () -> new ReedSolomon(200, 56));
        try (ReedSolomon code = new ReedSolomon(2, 1)) {
            assertEquals(2, code.dataShards());
            assertEquals(1, code.parityShards());
            assertThrows(IllegalArgumentException.class, () -> code.encode(shards(3, 8), shards(1, 8)));
            assertThrows(IllegalArgumentException.class, () -> code.encode(shards(2, 8), shards(0, 8)));
            assertThrows(IllegalArgumentException.class, () -> code.encode(shards(2, 8), shards(1, 9)));
            assertThrows(IllegalArgumentException.class, () -> code.verify(shards(2, 8)));
            assertThrows(IllegalArgumentException.class, () -> code.reconstruct(shards(3, 8), new boolean[2]));
            assertThrows(
                NullPointerException.class, () -> code.reconstruct(new byte[3][], new boolean[] {true, true, true}));
            assertThrows(NullPointerException.class, () -> code.encode(new byte[2][], shards(1, 8)));
            assertThrows(NullPointerException.class, () -> code.encode((byte[][]) null, shards(1, 8)));
            assertThrows(
                IndexOutOfBoundsException.class, () -> code.update(shards(1, 8), 2, new byte[8], new byte[8]));
            assertThrows(
                ReadOnlyBufferException.class,
                () -> code.encode(direct(shards(2, 8)), new ByteBuffer[] {ByteBuffer.allocate(8).asReadOnlyBuffer()}));
        }
    }

    @Test
    void parityOverDataIsRefused() {
        try (ReedSolomon code = new ReedSolomon(2, 2)) {
            byte[][] data = shards(2, 8);
            assertThrows(IllegalArgumentException.class, () -> code.encode(data, new byte[][] {data[1], new byte[8]}));
            byte[] twice = new byte[8];
            assertThrows(IllegalArgumentException.class, () -> code.encode(data, new byte[][] {twice, twice}));
            byte[] array = new byte[20];
            assertThrows(IllegalArgumentException.class, () -> code.encode(
                new ByteBuffer[] {ByteBuffer.wrap(array, 0, 8), ByteBuffer.wrap(data[0])},
                new ByteBuffer[] {ByteBuffer.wrap(array, 7, 8), ByteBuffer.allocate(8)}));
            ByteBuffer direct = ByteBuffer.allocateDirect(20);
            assertThrows(IllegalArgumentException.class, () -> code.encode(
                new ByteBuffer[] {direct.slice(0, 8), ByteBuffer.wrap(data[0])},
                new ByteBuffer[] {direct.slice(7, 8), ByteBuffer.allocate(8)}));
            code.encode(
                new ByteBuffer[] {ByteBuffer.wrap(array, 0, 8), ByteBuffer.wrap(array, 0, 8)},
                new ByteBuffer[] {ByteBuffer.wrap(array, 8, 8), ByteBuffer.allocate(8)});
        }
    }
}
