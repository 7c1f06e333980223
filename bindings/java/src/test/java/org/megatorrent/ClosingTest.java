package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What closing does to what is closed. */
final class ClosingTest {
    @Test
    void usingWhatIsClosedIsRefused() throws Exception {
        ReedSolomon code = new ReedSolomon(2, 1);
        BencodeReader reader = new BencodeReader("le".getBytes());
        BencodeWriter writer = new BencodeWriter();
        NoiseSession session = new NoiseSession(NoiseOptions.initiator(new byte[32]).build());
        Manifest manifest = Manifest.create(ObjectKind.NODE, "", 0, Instant.EPOCH);
        for (AutoCloseable each : new AutoCloseable[] {code, reader, writer, session, manifest}) {
            each.close();
            each.close();
        }
        assertThrows(IllegalStateException.class, () -> code.verify(new byte[3][1]));
        assertThrows(IllegalStateException.class, () -> code.encode(new byte[2][1], new byte[1][1]));
        assertThrows(IllegalStateException.class, () -> code.reconstruct(new byte[3][1], new boolean[3]));
        assertThrows(IllegalStateException.class, () -> code.update(new byte[1][1], 0, new byte[1], new byte[1]));
        assertThrows(IllegalStateException.class, reader::next);
        assertThrows(IllegalStateException.class, reader::skip);
        assertThrows(IllegalStateException.class, () -> writer.integer(1));
        assertThrows(IllegalStateException.class, writer::beginList);
        assertThrows(IllegalStateException.class, writer::finish);
        assertThrows(IllegalStateException.class, session::state);
        assertThrows(IllegalStateException.class, () -> session.writeBound(1));
        assertThrows(IllegalStateException.class, () -> session.write(new byte[1]));
        assertThrows(IllegalStateException.class, session::remoteKey);
        assertThrows(IllegalStateException.class, manifest::info);
        assertThrows(IllegalStateException.class, () -> manifest.addStream(0));
        assertThrows(IllegalStateException.class, () -> manifest.seal(BlobOptions.DEFAULT));
    }

    @Test
    void closingWhileOthersUseItIsSafe() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 20; round++) {
                ReedSolomon code = new ReedSolomon(4, 2);
                CountDownLatch started = new CountDownLatch(4);
                List<Future<Integer>> users = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    users.add(threads.submit(() -> {
                        byte[][] data = new byte[4][1000];
                        byte[][] parity = new byte[2][1000];
                        for (int calls = 0; ; calls++) {
                            try {
                                code.encode(data, parity);
                            } catch (IllegalStateException closed) {
                                return calls;
                            } finally {
                                started.countDown();
                            }
                        }
                    }));
                }
                assertTrue(started.await(60, TimeUnit.SECONDS));
                code.close();
                for (Future<Integer> user : users) {
                    assertTrue(user.get(60, TimeUnit.SECONDS) >= 0);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aHandleIsDestroyedOnceHoweverManyClose() throws Exception {
        AtomicInteger destroyed = new AtomicInteger();
        Handle handle = new Handle(new Object(), "thing", 5, value -> destroyed.addAndGet((int) value));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> closers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                closers.add(threads.submit(handle::close));
            }
            for (Future<?> closer : closers) {
                closer.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(5, destroyed.get());
        assertThrows(IllegalStateException.class, handle::get);
    }

    /** Nobody needs a finalizer, but nothing leaks for ever either. */
    @Test
    @Timeout(60)
    void whatNobodyCanReachIsClosed() throws Exception {
        CountDownLatch destroyed = new CountDownLatch(1);
        leak(destroyed);
        do {
            System.gc();
        } while (!destroyed.await(10, TimeUnit.MILLISECONDS));
    }

    private static void leak(CountDownLatch destroyed) {
        Object owner = new Object();
        assertEquals(7, new Handle(owner, "thing", 7, value -> destroyed.countDown()).get());
        Reference.reachabilityFence(owner);
    }
}
