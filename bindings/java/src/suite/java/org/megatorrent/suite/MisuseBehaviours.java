package org.megatorrent.suite;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.megatorrent.BencodeReader;
import org.megatorrent.BencodeWriter;
import org.megatorrent.Blob;
import org.megatorrent.BlobOptions;
import org.megatorrent.Capability;
import org.megatorrent.Cid;
import org.megatorrent.Client;
import org.megatorrent.ClientOptions;
import org.megatorrent.Compression;
import org.megatorrent.Ed25519;
import org.megatorrent.Hashes;
import org.megatorrent.Manifest;
import org.megatorrent.MegatorrentException;
import org.megatorrent.NoiseOptions;
import org.megatorrent.NoiseSession;
import org.megatorrent.ObjectKind;
import org.megatorrent.PutOptions;
import org.megatorrent.ReedSolomon;
import org.megatorrent.SealedBlob;
import org.megatorrent.Wire;
import org.megatorrent.WireMessage;
import org.megatorrent.WireType;
import org.megatorrent.X25519;

/** misuse.*. */
final class MisuseBehaviours {
    /** The argument with which the suite starts itself. */
    static final String EXIT = "exit-under-way";

    private MisuseBehaviours() {
    }

    static void list(Suite.Book book) {
        book.add("misuse.closed-handle", MisuseBehaviours::closedHandle);
        book.add("misuse.wrong-type", MisuseBehaviours::wrongType);
        book.add("misuse.lengths", MisuseBehaviours::lengths);
        book.add("misuse.short-destination", MisuseBehaviours::shortDestination);
        book.add("misuse.invalid-utf8", MisuseBehaviours::invalidUtf8);
        book.add("misuse.many-threads", MisuseBehaviours::manyThreads);
        book.add("misuse.destroy-while-used", MisuseBehaviours::destroyWhileUsed);
        book.add("misuse.exit-under-way", MisuseBehaviours::exitUnderWayShown);
    }

    private static void closedHandle() throws Exception {
        ReedSolomon code = new ReedSolomon(2, 1);
        BencodeReader reader = new BencodeReader("le".getBytes());
        BencodeWriter writer = new BencodeWriter();
        Manifest manifest = Manifest.create(ObjectKind.NODE, "", 0, Instant.EPOCH);
        NoiseSession session = new NoiseSession(NoiseOptions.initiator(X25519.generate().secret()).build());
        for (AutoCloseable each : new AutoCloseable[] {code, reader, writer, manifest, session}) {
            each.close();
            each.close();
        }
        Expect.throwsOne(() -> code.verify(new byte[3][1]), "a closed code", IllegalStateException.class);
        Expect.throwsOne(reader::next, "a closed reader", IllegalStateException.class);
        Expect.throwsOne(() -> writer.integer(1), "a closed writer", IllegalStateException.class);
        Expect.throwsOne(manifest::info, "a closed manifest", IllegalStateException.class);
        Expect.throwsOne(() -> session.write(new byte[0]), "a closed session", IllegalStateException.class);
    }

    private static void wrongType() throws Exception {
        List<Expect.Action> nulls = new ArrayList<>(List.of(
            () -> Hashes.sha256((byte[]) null), () -> Hashes.sha256((ByteBuffer) null), () -> Hashes.sha256Many((byte[][]) null),
            () -> Hashes.merkleRoot((byte[]) null), () -> Cid.format(null), () -> Cid.parse(null),
            () -> Blob.seal((byte[]) null), () -> Blob.open(null, new byte[32]), () -> Blob.inspect((byte[]) null),
            () -> Ed25519.sign(null, new byte[1]), () -> Ed25519.verify(new byte[32], null, new byte[1]), () -> X25519.publicKey(null),
            () -> new BencodeReader(null).close(), () -> Capability.parse(null), () -> Manifest.open((byte[]) null, new byte[32]),
            () -> Manifest.create(null, "a", 0, Instant.EPOCH).close(), () -> new NoiseSession(null).close(), () -> Wire.encode(null),
            () -> Wire.decode((ByteBuffer) null), () -> Client.open(null).close(), () -> Client.openAsync(null),
            () -> ClientOptions.builder().executor(null), () -> PutOptions.builder().suite(null),
            () -> BlobOptions.builder().tenantSecret(null),
            () -> NoiseOptions.initiator(null)));
        for (int i = 0; i < nulls.size(); i++) {
            Expect.throwsOne(nulls.get(i), "null " + i, NullPointerException.class);
        }
        try (ReedSolomon code = new ReedSolomon(2, 1); BencodeWriter writer = new BencodeWriter()) {
            Expect.throwsOne(() -> code.encode(new byte[2][], new byte[1][8]), "null shards", NullPointerException.class);
            Expect.throwsOne(() -> code.verify((byte[][]) null), "no shards", NullPointerException.class);
            Expect.throwsOne(() -> writer.bytes(null), "null bytes", NullPointerException.class);
        }
        Expect.throwsOne(() -> Cid.format(new byte[31]), "an id of 31 bytes", IllegalArgumentException.class);
        Expect.throwsOne(() -> Blob.open(new byte[40], new byte[33]), "a key of 33 bytes", IllegalArgumentException.class);
        Expect.throwsOne(() -> WireType.of(99), "a type of 99", IllegalArgumentException.class);
    }

    private static void lengths() {
        byte[] array = new byte[10];
        for (int[] range : new int[][] {{-1, 1}, {0, -1}, {0, 11}, {11, 0}, {5, Integer.MAX_VALUE}, {Integer.MIN_VALUE, 1}}) {
            Expect.throwsOne(() -> Hashes.sha256(array, range[0], range[1]), Arrays.toString(range), IndexOutOfBoundsException.class);
        }
        for (int length : new int[] {-1, Blob.PLAINTEXT_LENGTH_MAX + 1, Integer.MAX_VALUE}) {
            Expect.throwsOne(() -> Blob.bound(length), "bound of " + length, IllegalArgumentException.class);
        }
        Expect.throwsOne(
            () -> new ReedSolomon(Integer.MAX_VALUE, Integer.MAX_VALUE).close(), "2^31 shards", IllegalArgumentException.class);
        for (long length : new long[] {-1, 1L << 32, Long.MAX_VALUE}) {
            Expect.throwsOne(() -> WireMessage.builder(WireType.GET).length(length), "length " + length, IllegalArgumentException.class);
            Expect.throwsOne(
                () -> Capability.toVerify(new byte[32], length, 2), "root of " + length, IllegalArgumentException.class);
        }
        try (NoiseSession session = new NoiseSession(NoiseOptions.initiator(new byte[32]).build())) {
            Expect.throwsOne(() -> session.writeBound(-1), "a payload of -1", IllegalArgumentException.class);
        }
    }

    private static void shortDestination() throws Exception {
        byte[] chunk = Vectors.pattern(1, 1000);
        BlobOptions plain = BlobOptions.builder().compression(Compression.NONE).build();
        SealedBlob blob = Blob.seal(chunk, plain);
        for (boolean direct : new boolean[] {false, true}) {
            Shorter sealing = new Shorter(Blob.bound(chunk.length), direct);
            sealing.check(dst -> Blob.seal(dst, ByteBuffer.wrap(chunk), plain), "seal");
            Shorter opening = new Shorter(chunk.length, direct);
            opening.check(dst -> Blob.open(dst, ByteBuffer.wrap(blob.bytes()), blob.key()), "open");
            WireMessage message = WireMessage.builder(WireType.DATA).requestNumber(1).bytes(chunk).build();
            Shorter encoding = new Shorter(Wire.HEADER_LENGTH + chunk.length, direct);
            encoding.check(dst -> Wire.encode(dst, message), "encode");
            try (NoiseSession session = new NoiseSession(NoiseOptions.initiator(new byte[32]).build())) {
                Shorter writing = new Shorter((int) session.writeBound(chunk.length), direct);
                writing.check(dst -> session.write(dst, ByteBuffer.wrap(chunk)), "write");
            }
        }
    }

    /** Something that writes to a buffer. */
    private interface Writer {
        void write(ByteBuffer dst) throws Exception;
    }

    /** A destination that is one byte too short, and one that is not. */
    private record Shorter(int length, boolean direct) {
        private ByteBuffer allocate(int capacity) {
            return direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
        }

        void check(Writer writer, String what) throws Exception {
            ByteBuffer dst = allocate(length - 1);
            Throwable failure = Expect.fails(() -> writer.write(dst), what, "MT_ERROR_BUFFER_TOO_SMALL");
            Expect.that(!failure.getMessage().isEmpty(), what + ": no text");
            Expect.equal(0, dst.position(), what + ": position");
            Expect.equal(ByteBuffer.allocate(length - 1), dst, what + ": bytes");
            writer.write(allocate(length));
        }
    }

    private static void invalidUtf8() {
        for (String text : new String[] {"\ud800", "a\0b"}) {
            Expect.fails(() -> Capability.parse(text), "capability", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> Cid.parse(text), "CID", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> Manifest.create(ObjectKind.FILE, text, 0, Instant.EPOCH).close(), "name", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> Client.open(ClientOptions.builder().cluster(text).build()).close(), "cluster", "MT_ERROR_INVALID_ARGUMENT");
            Expect.throwsOne(() -> Path.of(text), "path", IllegalArgumentException.class);
        }
        String tooLong = "a".repeat(65_536);
        Expect.fails(() -> Capability.parse(tooLong), "a capability of 65536 bytes", "MT_ERROR_INVALID_ARGUMENT");
        Expect.fails(() -> Cid.parse(tooLong), "a CID of 65536 bytes", "MT_ERROR_INVALID_ARGUMENT");
        Expect.fails(
            () -> Manifest.create(ObjectKind.FILE, tooLong, 0, Instant.EPOCH).close(), "a name of 65536 bytes",
            "MT_ERROR_INVALID_ARGUMENT");
    }

    private static void manyThreads() throws Exception {
        byte[][] data = {Vectors.pattern(1, 10_000), Vectors.pattern(2, 10_000), Vectors.pattern(3, 10_000)};
        byte[][] parity = new byte[2][10_000];
        byte[] hash = Hashes.sha256(data[0]);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (ReedSolomon code = new ReedSolomon(3, 2)) {
            code.encode(data, parity);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                workers.add(threads.submit(() -> {
                    while (System.nanoTime() < end) {
                        byte[][] mine = new byte[2][10_000];
                        code.encode(data, mine);
                        Expect.that(Arrays.deepEquals(parity, mine), "parity differs");
                        SealedBlob blob = Blob.seal(data[1]);
                        Expect.equal(data[1], Blob.open(blob.bytes(), blob.key()), "chunk");
                        Expect.equal(hash, Hashes.sha256(CodecBehaviours.direct(data[0])), "hash");
                    }
                    return null;
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void destroyWhileUsed() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            ReedSolomon code = new ReedSolomon(4, 2);
            CountDownLatch started = new CountDownLatch(4);
            List<Future<?>> users = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                users.add(threads.submit(() -> {
                    byte[][] data = new byte[4][1000];
                    byte[][] parity = new byte[2][1000];
                    try {
                        while (true) {
                            code.encode(data, parity);
                            started.countDown();
                        }
                    } catch (IllegalStateException closed) {
                        Expect.throwsOne(() -> code.encode(data, parity), "after the end", IllegalStateException.class);
                    }
                }));
            }
            Expect.that(started.await(60, TimeUnit.SECONDS), "no start in a minute");
            code.close();
            for (Future<?> user : users) {
                user.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void exitUnderWayShown() throws Exception {
        Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
            Suite.class.getName(), EXIT).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it did not end within 60 s");
        }
        Expect.equal(0, process.exitValue(), "exit code");
    }

    /** Starts a put and ends the process at once. */
    static void exitUnderWay() throws MegatorrentException {
        Client.open().putAsync(Cluster.zeros(64), Cluster.incompressible().build());
    }
}
