package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The JVM lives on signals and moves its objects; the library beside it must not be in the way. */
final class TrapsTest {
    private static final byte[] DATA = Bytes.random(1, 5000);
    private static final byte[] HASH = Hashes.sha256(DATA);

    private byte[] nothing;

    /** Compiled code finds null by SIGSEGV, of which the library's runtime has the handler now. */
    @Test
    void nullPointersAreTrapped() {
        int trapped = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] array = i % 100 == 99 ? nothing : DATA;
            try {
                trapped += array[i % 5000] == 0 ? 0 : 0;
            } catch (NullPointerException expected) {
                trapped++;
                assertArrayEquals(HASH, Hashes.sha256(DATA));
            }
        }
        assertEquals(500, trapped);
    }

    @Test
    void divisionByZeroIsTrapped() {
        int trapped = 0;
        for (int i = 0; i < 50_000; i++) {
            try {
                trapped += i / (i % 100 == 99 ? 0 : i + 1);
            } catch (ArithmeticException expected) {
                trapped++;
            }
        }
        assertEquals(500, trapped);
        assertArrayEquals(HASH, Hashes.sha256(DATA));
    }

    /** The stack may end in any method, so also in front of one of the library. */
    @Test
    void stacksMayOverflowAroundCalls() {
        SealedBlob blob = Blob.seal(DATA);
        for (int i = 0; i < 5; i++) {
            int[] depth = new int[1];
            assertThrows(StackOverflowError.class, () -> overflow(depth, blob));
            assertTrue(depth[0] > 100);
        }
        assertArrayEquals(HASH, Hashes.sha256(DATA));
    }

    private static void overflow(int[] depth, SealedBlob blob) {
        depth[0]++;
        Hashes.sha256(DATA);
        if (depth[0] % 16 == 0) {
            try {
                Blob.open(blob.bytes(), blob.key());
                Blob.seal(DATA);
            } catch (MegatorrentException exception) {
                throw new AssertionError(exception);
            }
        }
        overflow(depth, blob);
    }

    @Test
    void collectionsMayRunMeanwhile() throws Exception {
        int count = 4;
        ExecutorService threads = Executors.newFixedThreadPool(count + 1);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int seed = i;
                workers.add(threads.submit(() -> {
                    work(seed);
                    return null;
                }));
            }
            while (workers.stream().anyMatch(worker -> !worker.isDone())) {
                System.gc();
            }
            for (Future<?> worker : workers) {
                worker.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void work(int seed) throws MegatorrentException {
        byte[] chunk = Bytes.random(seed, 200_000);
        byte[] hash = Hashes.sha256(chunk);
        try (ReedSolomon code = new ReedSolomon(4, 2)) {
            for (int i = 0; i < 100; i++) {
                SealedBlob blob = Blob.seal(chunk.clone());
                assertArrayEquals(chunk, Blob.open(blob.bytes(), blob.key()));
                assertArrayEquals(hash, Hashes.sha256(ByteBuffer.allocateDirect(chunk.length).put(chunk).flip()));
                byte[][] shards = new byte[6][50_000];
                for (int shard = 0; shard < 4; shard++) {
                    System.arraycopy(chunk, shard * 50_000, shards[shard], 0, 50_000);
                }
                code.encode(
                    new byte[][] {shards[0], shards[1], shards[2], shards[3]}, new byte[][] {shards[4], shards[5]});
                byte[] lost = shards[seed % 4];
                shards[seed % 4] = new byte[50_000];
                code.reconstruct(shards, new boolean[] {seed % 4 != 0, seed % 4 != 1, seed % 4 != 2, seed % 4 != 3, true, true});
                assertArrayEquals(lost, shards[seed % 4]);
            }
        }
    }
}
