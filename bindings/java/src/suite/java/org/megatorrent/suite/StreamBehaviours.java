package org.megatorrent.suite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.megatorrent.Client;
import org.megatorrent.LogLevel;
import org.megatorrent.Megatorrent;
import org.megatorrent.ObjectHandle;
import org.megatorrent.PutOptions;
import org.megatorrent.PutResult;
import org.megatorrent.PutStream;

/** stream.*, operation.* and log.*. */
final class StreamBehaviours {
    private StreamBehaviours() {
    }

    static void list(Suite.Book book) {
        book.add("stream.upload-download", Cluster.client(StreamBehaviours::uploadDownload));
        book.add("stream.range", Cluster.client(StreamBehaviours::range));
        book.add("stream.empty", Cluster.client(StreamBehaviours::empty));
        book.add("stream.abandoned-upload", Cluster.client(StreamBehaviours::abandonedUpload));
        book.add("stream.abandoned-download", Cluster.client(StreamBehaviours::abandonedDownload));
        book.add("operation.cancel", Cluster.client(StreamBehaviours::cancel));
        book.add("operation.off-the-loop", Cluster.client(StreamBehaviours::offTheLoop));
        book.add("log.lines", StreamBehaviours::logLines);
    }

    private static byte[] readAll(InputStream stream, int piece) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[piece];
        for (int length = stream.readNBytes(buffer, 0, piece); length > 0; length = stream.readNBytes(buffer, 0, piece)) {
            all.write(buffer, 0, length);
        }
        return all.toByteArray();
    }

    private static void uploadDownload(Client client) throws Exception {
        byte[] data = Vectors.pattern(8, 6_000_000);
        int[] pieces = {1, 65_537, 1_000_000};
        PutStream out = client.newOutputStream(PutOptions.DEFAULT);
        try (out) {
            int done = 0;
            for (int i = 0; done < data.length; i++) {
                int length = Math.min(pieces[i % pieces.length], data.length - done);
                out.write(data, done, length);
                done += length;
            }
        }
        Expect.equal((long) data.length, out.result().bytes(), "bytes of the put");
        try (InputStream in = client.newInputStream(out.capability())) {
            Expect.equal(data, readAll(in, 100_000), "download");
            Expect.equal(-1, in.read(), "the end");
        }
    }

    private static void range(Client client) throws Exception {
        byte[] data = Vectors.pattern(8, 3_000_000);
        String capability = Cluster.put(client, data);
        try (ObjectHandle object = client.openObject(capability); SeekableByteChannel channel = client.newByteChannel(capability)) {
            try (InputStream in = object.newInputStream(1_500_000, 700_000)) {
                Expect.equal(Arrays.copyOfRange(data, 1_500_000, 2_200_000), readAll(in, 100_000), "range");
            }
            try (InputStream in = object.newInputStream(2_900_000, 700_000)) {
                Expect.equal(Arrays.copyOfRange(data, 2_900_000, 3_000_000), readAll(in, 100_000), "range that is cut");
            }
            Expect.equal((long) data.length, channel.size(), "size of the channel");
            for (int offset : new int[] {2_500_000, 10, 1_048_000}) {
                ByteBuffer dst = ByteBuffer.allocate(200_000);
                channel.position(offset);
                while (dst.hasRemaining()) {
                    Expect.that(channel.read(dst) > 0, "the channel ended");
                }
                Expect.equal(Arrays.copyOfRange(data, offset, offset + 200_000), dst.array(), "channel at " + offset);
            }
        }
    }

    private static void empty(Client client) throws Exception {
        PutStream out = client.newOutputStream(PutOptions.DEFAULT);
        out.close();
        try (ObjectHandle object = client.openObject(out.capability()); InputStream in = client.newInputStream(out.capability())) {
            Expect.equal(0L, object.info().length(), "length");
            Expect.equal(-1, in.read(), "download");
        }
    }

    private static void mustWork(Client client) throws IOException {
        byte[] data = Vectors.pattern(11, 1000);
        Expect.equal(data, client.get(Cluster.put(client, data)), "a put and get afterwards");
    }

    private static void abandonedUpload(Client client) throws Exception {
        PutStream out = client.newOutputStream(PutOptions.DEFAULT);
        out.write(new byte[2 << 20]);
        out.abort();
        out.close();
        Expect.throwsOne(out::capability, "capability", IllegalStateException.class);
        Expect.throwsOne(() -> out.write(1), "write", IOException.class);
        mustWork(client);
    }

    private static void abandonedDownload(Client client) throws Exception {
        byte[] data = Vectors.pattern(8, 6_000_000);
        try (ObjectHandle object = client.openObject(Cluster.put(client, data));
            InputStream kept = object.newInputStream()) {
            InputStream left = object.newInputStream();
            Expect.equal(data[0] & 0xff, left.read(), "first byte");
            Expect.equal(data[0] & 0xff, kept.read(), "first byte of the other");
            left.close();
            Expect.throwsOne(left::read, "reading what was left", IOException.class);
            Expect.equal(Arrays.copyOfRange(data, 1, data.length), readAll(kept, 100_000), "the other");
        }
        mustWork(client);
    }

    private static void cancel(Client client) throws Exception {
        CompletableFuture<PutResult> future = client.putAsync(Cluster.zeros(64), Cluster.incompressible().build());
        if (future.cancel(true)) {
            Expect.throwsOne(future::get, "get", CancellationException.class);
        }
        Expect.equal(future.isCancelled(), future.cancel(true), "cancelled again");
        CompletableFuture<PutResult> done = client.putAsync(ByteBuffer.wrap(new byte[10]), PutOptions.DEFAULT);
        done.get();
        Expect.that(!done.cancel(true) && !done.isCancelled(), "cancelled after the end");
        mustWork(client);
    }

    private static void offTheLoop(Client client) throws Exception {
        long start = System.nanoTime();
        CompletableFuture<PutResult> future = client.putAsync(Cluster.zeros(16), Cluster.incompressible().build());
        long started = System.nanoTime() - start;
        long turns = 0;
        while (!future.isDone()) {
            Thread.onSpinWait();
            turns++;
        }
        Expect.equal(16L << 20, future.get().bytes(), "bytes of the put");
        long taken = System.nanoTime() - start;
        Expect.that(
            turns > 0 && started < taken,
            "the put took " + taken + " ns, of which " + started + " at its start");
    }

    private static void logLines() throws Exception {
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Megatorrent.setLogListener(LogLevel.DEBUG, (level, message) -> {
            lines.add(message);
            if (level == null || message.isEmpty() || message.endsWith("\n") || message.endsWith("\r")) {
                wrong.add(level + " " + message);
            }
        });
        try (Client client = Client.open()) {
            mustWork(client);
        }
        Megatorrent.setLogListener(LogLevel.DEBUG, null);
        Expect.equal(List.of(), wrong, "wrong lines");
        int heard = lines.size();
        Expect.that(heard > 0, "no line was heard");
        try (Client client = Client.open()) {
            mustWork(client);
        }
        Expect.equal(heard, lines.size(), "lines");
        Expect.throwsOne(() -> Megatorrent.setLogListener(null, null), "no level", NullPointerException.class);
    }
}
