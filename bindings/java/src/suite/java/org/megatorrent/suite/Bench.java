package org.megatorrent.suite;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.megatorrent.Blob;
import org.megatorrent.BlobOptions;
import org.megatorrent.Client;
import org.megatorrent.Compression;
import org.megatorrent.Hashes;
import org.megatorrent.Megatorrent;
import org.megatorrent.ReedSolomon;

/** What crossing the boundary costs. */
final class Bench {
    private static final int MIB = 1 << 20;
    private static final int GET_LENGTH = 256 * MIB;
    private static final int BATCHES = 9;
    private static final long BATCH_NS = 60_000_000;

    /** Keeps the compiler from leaving out what nobody looks at. */
    private static int sink;

    private Bench() {
    }

    /** One call. */
    private interface Call {
        int run() throws Exception;
    }

    /** Runs in a JVM without checks, which would be most of what is measured. */
    static void run(List<String> args) throws Exception {
        if (ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Xcheck:jni")) {
            System.exit(again(args));
        }
        print("empty", measure(Megatorrent::abiVersion), 0);

        byte[] small = Vectors.pattern(1, 64);
        print("sha256-64", measure(() -> Hashes.sha256(small)[0]), small.length);

        ByteBuffer chunk = CodecBehaviours.direct(Vectors.pattern(2, MIB));
        ByteBuffer blob = ByteBuffer.allocateDirect(Blob.bound(MIB));
        BlobOptions options = BlobOptions.builder().compression(Compression.NONE).build();
        print("seal-1m", measure(() -> Blob.seal(blob.clear(), chunk.clear(), options).id()[0]), MIB);

        try (ReedSolomon code = new ReedSolomon(4, 2)) {
            ByteBuffer[] data = new ByteBuffer[4];
            Arrays.setAll(data, i -> CodecBehaviours.direct(Vectors.pattern(i, MIB / 4)));
            ByteBuffer[] parity = {ByteBuffer.allocateDirect(MIB / 4), ByteBuffer.allocateDirect(MIB / 4)};
            print("encode-1m", measure(() -> {
                code.encode(data, parity);
                return parity[0].get(0);
            }), MIB);
        }
        if (args.size() == 2) {
            get(args.get(1));
        }
    }

    private static void get(String capability) throws Exception {
        ByteBuffer memory = ByteBuffer.allocateDirect(GET_LENGTH);
        long[] times = new long[3];
        try (Client client = Client.open()) {
            for (int i = 0; i < times.length; i++) {
                long start = System.nanoTime();
                Expect.equal(GET_LENGTH, client.read(capability, 0, memory.clear()), "bytes of the file");
                times[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(times);
        print("get-256m", times[1], GET_LENGTH);
    }

    /** Nanoseconds of one call: the median of some batches, after the JVM has compiled what they run. */
    private static double measure(Call call) throws Exception {
        long count = 1;
        long time = batch(call, count);
        while (time < BATCH_NS) {
            count = Math.max(count + 1, (long) (count * Math.min(10, 1.2 * BATCH_NS / Math.max(time, 1))));
            time = batch(call, count);
        }
        double[] times = new double[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            times[i] = (double) batch(call, count) / count;
        }
        Arrays.sort(times);
        return times[BATCHES / 2];
    }

    private static long batch(Call call, long count) throws Exception {
        int sum = 0;
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            sum += call.run();
        }
        long time = System.nanoTime() - start;
        sink += sum;
        return time;
    }

    private static void print(String name, double nanoseconds, int bytes) {
        System.out.println(String.format(Locale.ROOT, "bench %s %.1f %d", name, nanoseconds, bytes));
    }

    private static int again(List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:MaxDirectMemorySize=1g", "-cp",
            System.getProperty("java.class.path"), Suite.class.getName()));
        command.addAll(args);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
