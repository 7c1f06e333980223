package org.megatorrent.suite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.megatorrent.Blob;
import org.megatorrent.Client;
import org.megatorrent.Hashes;
import org.megatorrent.MegatorrentException;
import org.megatorrent.PutOptions;
import org.megatorrent.PutResult;
import org.megatorrent.PutStream;
import org.megatorrent.ReedSolomon;
import org.megatorrent.SealedBlob;

/**
 * Puts, gets and codes on many threads while garbage is collected by force and null pointers and stack overflows are trapped; then looks
 * whether memory stayed flat.
 */
final class Soak {
    private static final int STEP_SECONDS = 10;
    private static final int OBJECT_LENGTH = 1_500_000;
    private static final double GROWTH_MAX = 1.15;
    private static final long GROWTH_BYTES_MAX = 32 << 20;

    private final long end;
    private final AtomicLong operations = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private byte[] nothing;

    private Soak(long end) {
        this.end = end;
    }

    /** A round of work of one thread. */
    private interface Round {
        void run(int number) throws Exception;
    }

    static boolean run(int seconds) throws Exception {
        long start = System.nanoTime();
        Soak soak = new Soak(start + TimeUnit.SECONDS.toNanos(seconds));
        long first = 0;
        try (Client client = Client.open()) {
            List<Thread> threads = List.of(
                soak.thread("objects", number -> soak.object(client, number)),
                soak.thread("streams", number -> soak.stream(client, number)),
                soak.thread("cancels", number -> soak.cancel(client, number)),
                soak.thread("codecs", soak::code),
                soak.thread("traps", soak::trap),
                soak.thread("clients", soak::open));
            threads.forEach(Thread::start);
            for (long next = start + TimeUnit.SECONDS.toNanos(STEP_SECONDS); !soak.isOver(); ) {
                // A collection by force, twenty times a second.
                System.gc();
                TimeUnit.MILLISECONDS.sleep(50);
                long now = System.nanoTime();
                if (first == 0 && now - start >= TimeUnit.SECONDS.toNanos(seconds) / 5) {
                    first = resident();
                }
                if (now >= next) {
                    next += TimeUnit.SECONDS.toNanos(STEP_SECONDS);
                    long elapsed = TimeUnit.NANOSECONDS.toSeconds(now - start);
                    System.out.println("soak " + elapsed + " " + resident() + " " + soak.operations.get());
                }
            }
            for (Thread thread : threads) {
                thread.join(TimeUnit.MINUTES.toMillis(2));
                if (thread.isAlive()) {
                    soak.failure.compareAndSet(null, new AssertionError("the thread '" + thread.getName() + "' does not end"));
                }
            }
        }
        return report(soak.failure.get(), first);
    }

    private static boolean report(Throwable failure, long first) throws IOException {
        System.gc();
        long last = resident();
        if (failure != null) {
            failure.printStackTrace();
            System.out.println("not ok soak: " + failure);
            return false;
        }
        if (last > first * GROWTH_MAX + GROWTH_BYTES_MAX) {
            System.out.println("not ok soak: resident memory grew from " + first + " to " + last + " bytes");
            return false;
        }
        System.out.println("ok soak");
        return true;
    }

    private boolean isOver() {
        return failure.get() != null || System.nanoTime() >= end;
    }

    private Thread thread(String name, Round round) {
        return new Thread(() -> {
            try {
                for (int number = 0; !isOver(); number++) {
                    round.run(number);
                    operations.incrementAndGet();
                }
            } catch (Throwable thrown) {
                failure.compareAndSet(null, new AssertionError(name, thrown));
            }
        }, name);
    }

    private void object(Client client, int number) throws Exception {
        byte[] data = Vectors.pattern(number, 1 + number * 7919 % OBJECT_LENGTH);
        ByteBuffer src = number % 2 == 0 ? ByteBuffer.wrap(data) : CodecBehaviours.direct(data);
        String capability = client.put(src).capability();
        ByteBuffer dst = number % 3 == 0 ? ByteBuffer.allocate(data.length) : ByteBuffer.allocateDirect(data.length);
        client.readAsync(capability, 0, dst).get();
        Expect.equal(ByteBuffer.wrap(data), dst.flip(), "what came back");
        if (number % 5 == 0) {
            Expect.that(client.verify(capability).recoverable(), "not recoverable");
        }
    }

    private void stream(Client client, int number) throws Exception {
        byte[] data = Vectors.pattern(number, OBJECT_LENGTH);
        PutStream out = client.newOutputStream(PutOptions.DEFAULT);
        try (out) {
            out.write(data);
        }
        try (var in = client.newInputStream(out.capability())) {
            Expect.equal(data, in.readAllBytes(), "what streamed back");
        }
    }

    private void cancel(Client client, int number) throws Exception {
        ByteBuffer data = ByteBuffer.allocateDirect(OBJECT_LENGTH);
        CompletableFuture<PutResult> future = client.putAsync(data, PutOptions.builder().progress((done, total) -> {
            if (number % 2 == 0) {
                throw new IllegalStateException("enough");
            }
        }).build());
        if (number % 3 == 0) {
            future.cancel(true);
            return;
        }
        try {
            future.get();
        } catch (ExecutionException thrown) {
            Expect.that(thrown.getCause() instanceof IllegalStateException, thrown.toString());
        }
    }

    private void code(int number) throws MegatorrentException {
        byte[] chunk = Vectors.pattern(number, 300_000);
        SealedBlob blob = Blob.seal(chunk);
        Expect.equal(chunk, Blob.open(blob.bytes(), blob.key()), "chunk");
        byte[][] shards = new byte[6][50_000];
        for (int i = 0; i < 4; i++) {
            System.arraycopy(chunk, i * 50_000, shards[i], 0, 50_000);
        }
        try (ReedSolomon code = new ReedSolomon(4, 2)) {
            code.encode(Arrays.copyOf(shards, 4), Arrays.copyOfRange(shards, 4, 6));
            byte[] lost = shards[number % 6];
            shards[number % 6] = new byte[50_000];
            boolean[] present = new boolean[6];
            for (int i = 0; i < 6; i++) {
                present[i] = i != number % 6;
            }
            code.reconstruct(shards, present);
            Expect.equal(lost, shards[number % 6], "shard");
        }
        // Left for the cleaner.
        new ReedSolomon(2, 1);
    }

    private void trap(int number) {
        byte[] hash = Hashes.sha256(new byte[100]);
        byte[] array = number % 2 == 0 ? nothing : hash;
        try {
            Expect.equal(32, array.length, "length");
            Expect.that(number % 2 == 1, "null was not trapped");
        } catch (NullPointerException trapped) {
            Expect.that(number % 2 == 0, "there was no null to trap");
        }
        if (number % 100 == 0) {
            try {
                overflow(0, hash);
                throw new AssertionError("the stack is endless");
            } catch (StackOverflowError trapped) {
                Expect.equal(hash, Hashes.sha256(new byte[100]), "hash");
            }
        }
    }

    private static int overflow(int depth, byte[] hash) {
        return overflow(depth + 1, Hashes.sha256(hash)) + depth;
    }

    private void open(int number) throws MegatorrentException {
        try (Client client = Client.open()) {
            Expect.that(client.status().members() > 0, "no members");
        }
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("/proc/self/status has no VmRSS.");
    }
}
