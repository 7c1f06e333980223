package org.megatorrent.suite;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.megatorrent.Capability;
import org.megatorrent.Client;
import org.megatorrent.ClientOptions;
import org.megatorrent.ClusterStatus;
import org.megatorrent.Compression;
import org.megatorrent.GetOptions;
import org.megatorrent.Hashes;
import org.megatorrent.MegatorrentException;
import org.megatorrent.ObjectHandle;
import org.megatorrent.ObjectKind;
import org.megatorrent.ProgressListener;
import org.megatorrent.PutOptions;
import org.megatorrent.PutResult;
import org.megatorrent.RepairReport;
import org.megatorrent.Suite;
import org.megatorrent.VerifyReport;

/** client.*, as far as nothing goes wrong. */
final class ClientBehaviours {
    private ClientBehaviours() {
    }

    static void list(org.megatorrent.suite.Suite.Book book) {
        book.add("client.open", ClientBehaviours::open);
        book.add("client.put-get", Cluster.client(ClientBehaviours::putGet));
        book.add("client.put-file-get-file", Cluster.client(ClientBehaviours::putFileGetFile));
        book.add("client.empty", Cluster.client(ClientBehaviours::empty));
        book.add("client.directory", Cluster.client(ClientBehaviours::directory));
        book.add("client.object", Cluster.client(ClientBehaviours::object));
        book.add("client.range-read", Cluster.client(ClientBehaviours::rangeRead));
        book.add("client.read-past-end", Cluster.client(ClientBehaviours::readPastEnd));
        book.add("client.deduplicate", Cluster.client(ClientBehaviours::deduplicate));
        book.add("client.schemes", Cluster.client(ClientBehaviours::schemes));
        book.add("client.suites", Cluster.client(ClientBehaviours::suites));
        book.add("client.progress", Cluster.client(ClientBehaviours::progress));
        book.add("client.callback-calls-back", Cluster.client(ClientBehaviours::callbackCallsBack));
        book.add("client.get-refuses-to-replace", Cluster.client(ClientBehaviours::getRefusesToReplace));
        book.add("client.verify", Cluster.client(ClientBehaviours::verify));
        book.add("client.repair", Cluster.client(ClientBehaviours::repair));
        book.add("client.many-at-once", Cluster.client(ClientBehaviours::manyAtOnce));
    }

    private static void open() throws Exception {
        String credential = System.getenv("MEGATORRENT_CREDENTIAL");
        ClientOptions.Builder options = ClientOptions.builder().cluster(System.getenv("MEGATORRENT_CLUSTER"));
        if (credential.startsWith("mtcred1:")) {
            options.credential(credential);
        } else {
            options.credentialPath(Path.of(credential));
        }
        for (ClientOptions each : new ClientOptions[] {ClientOptions.DEFAULT, options.build()}) {
            try (Client client = Client.open(each)) {
                ClusterStatus status = client.status();
                Expect.that(status.members() >= 6, "members " + status.members());
                Expect.equal(status.members(), status.livingMembers(), "living members");
                Expect.that(status.failureDomains() >= 6, "failure domains " + status.failureDomains());
            }
        }
    }

    private static void putGet(Client client) throws Exception {
        for (int length : new int[] {1, 1000, 65_536, 1_048_576, 5_000_001}) {
            byte[] data = Vectors.pattern(1, length);
            PutResult put = client.put(data);
            Expect.equal((long) length, put.bytes(), "bytes of the put");
            Expect.equal(0, put.incompleteStripes(), "incomplete stripes");
            Expect.equal(data, client.get(put.capability()), length + " bytes");

            ByteBuffer direct = ByteBuffer.allocateDirect(length);
            client.read(client.put(CodecBehaviours.direct(data)).capability(), 0, direct);
            Expect.equal(ByteBuffer.wrap(data), direct.flip(), length + " bytes, direct");
        }
    }

    private static void putFileGetFile(Client client) throws Exception {
        Cluster.folder(folder -> {
            byte[] data = Vectors.pattern(2, 3_000_000);
            Path file = Files.write(folder.resolve("a file.bin"), data);
            Path copy = folder.resolve("copy");
            String capability = client.putFile(file).capability();
            client.getFile(capability, copy);
            Expect.equal(data, Files.readAllBytes(copy), "the file");
            Expect.that(!Files.exists(folder.resolve("copy.mtpart")), "copy.mtpart is there");
            try (ObjectHandle object = client.openObject(capability)) {
                Expect.equal("a file.bin", object.info().name(), "name");
            }
        });
    }

    private static void empty(Client client) throws Exception {
        Cluster.folder(folder -> {
            String file = client.putFile(Files.createFile(folder.resolve("empty"))).capability();
            client.getFile(file, folder.resolve("copy"));
            Expect.equal(0L, Files.size(folder.resolve("copy")), "length of the file");
            Expect.equal(0, client.get(client.put(new byte[0]).capability()).length, "length in memory");
            Expect.equal(0L, client.put(ByteBuffer.allocateDirect(0)).bytes(), "length of the put");
        });
    }

    private static void directory(Client client) throws Exception {
        Cluster.folder(folder -> {
            Path a = folder.resolve("a");
            byte[] two = Vectors.pattern(3, 100_000);
            Files.createDirectories(a.resolve("sub/none"));
            Files.write(a.resolve("one"), new byte[] {1});
            Files.write(a.resolve("sub/two"), two);
            Files.createFile(a.resolve("sub/empty"));
            Files.createSymbolicLink(a.resolve("link"), Path.of("one"));
            String capability = client.putFile(a).capability();
            Path copy = folder.resolve("copy");
            client.getFile(capability, copy);
            Expect.equal(new byte[] {1}, Files.readAllBytes(copy.resolve("one")), "one");
            Expect.equal(two, Files.readAllBytes(copy.resolve("sub/two")), "sub/two");
            Expect.equal(0L, Files.size(copy.resolve("sub/empty")), "sub/empty");
            Expect.that(Files.isDirectory(copy.resolve("sub/none"), LinkOption.NOFOLLOW_LINKS), "sub/none is not there");
            Expect.equal(Path.of("one"), Files.readSymbolicLink(copy.resolve("link")), "link");

            try (ObjectHandle object = client.openObject(capability)) {
                Expect.equal(ObjectKind.DIRECTORY, object.info().kind(), "kind");
                List<ObjectHandle.Entry> entries = object.entries();
                Expect.equal(
                    List.of("link", "one", "sub", "sub/empty", "sub/none", "sub/two"),
                    entries.stream().map(ObjectHandle.Entry::path).toList(), "entries");
                ObjectHandle.EntryKind file = ObjectHandle.EntryKind.FILE;
                ObjectHandle.EntryKind directory = ObjectHandle.EntryKind.DIRECTORY;
                Expect.equal(
                    List.of(ObjectHandle.EntryKind.LINK, file, directory, file, directory, file),
                    entries.stream().map(ObjectHandle.Entry::kind).toList(), "kinds");
                Expect.equal(
                    List.of(0L, 1L, 0L, 0L, 0L, 100_000L), entries.stream().map(ObjectHandle.Entry::length).toList(), "lengths");
                ByteBuffer content = ByteBuffer.allocate(100_000);
                object.read(entries.get(5).offset(), content);
                Expect.equal(two, content.array(), "content of sub/two");
            }
        });
    }

    private static void object(Client client) throws Exception {
        PutOptions options = PutOptions.builder().name("photo.jpg").build();
        String capability = client.put(ByteBuffer.wrap(Vectors.pattern(2, 3_000_000)), options).capability();
        try (ObjectHandle object = client.openObject(capability)) {
            ObjectHandle.Info info = object.info();
            Expect.equal(ObjectKind.FILE, info.kind(), "kind");
            Expect.equal(3_000_000L, info.length(), "length");
            Expect.equal("photo.jpg", info.name(), "name");
            Expect.equal(List.of(), object.entries(), "entries");
        }
    }

    private static void rangeRead(Client client) throws Exception {
        byte[] data = Vectors.pattern(4, 3_000_000);
        String capability = Cluster.put(client, data);
        List<int[]> ranges = new ArrayList<>(List.of(
            new int[] {0, 1}, new int[] {1_048_575, 2}, new int[] {999_999, 1_000_003}, new int[] {2_999_999, 1},
            new int[] {0, 3_000_000}));
        Vectors.Pattern drawn = new Vectors.Pattern(5);
        for (int i = 0; i < 20; i++) {
            int offset = drawn.below(data.length);
            ranges.add(new int[] {offset, 1 + drawn.below(data.length - offset)});
        }
        try (ObjectHandle object = client.openObject(capability)) {
            for (int[] range : ranges) {
                String what = "range " + Arrays.toString(range);
                byte[] expected = Arrays.copyOfRange(data, range[0], range[0] + range[1]);
                Expect.equal(expected, Cluster.read(client, capability, range[0], range[1]), what);
                ByteBuffer direct = ByteBuffer.allocateDirect(range[1]);
                object.read(range[0], direct);
                Expect.equal(ByteBuffer.wrap(expected), direct.flip(), what + " of the object");
            }
        }
    }

    private static void readPastEnd(Client client) throws Exception {
        byte[] data = Vectors.pattern(4, 1_500_000);
        String capability = Cluster.put(client, data);
        try (ObjectHandle object = client.openObject(capability)) {
            Expect.equal(
                Arrays.copyOfRange(data, 1_499_990, 1_500_000), Cluster.read(client, capability, 1_499_990, 100), "past the end");
            Expect.equal(0, Cluster.read(client, capability, data.length, 100).length, "at the end");
            Expect.fails(() -> Cluster.read(client, capability, data.length + 1, 100), "beyond the end", "MT_ERROR_INVALID_ARGUMENT");
            Expect.equal(10, object.read(1_499_990, ByteBuffer.allocate(100)), "past the end of the object");
            Expect.equal(0, object.read(data.length, ByteBuffer.allocate(100)), "at the end of the object");
            Expect.fails(
                () -> object.read(data.length + 1, ByteBuffer.allocate(100)), "beyond the end of the object", "MT_ERROR_INVALID_ARGUMENT");
        }
        Cluster.folder(folder -> {
            Files.write(folder.resolve("file"), data);
            String directory = client.putFile(folder).capability();
            Expect.fails(() -> Cluster.read(client, directory, 0, 10), "a directory", "MT_ERROR_INVALID_ARGUMENT");
        });
    }

    private static void deduplicate(Client client) throws Exception {
        byte[] data = Vectors.pattern(6, 3_000_000);
        PutOptions options = PutOptions.builder().deduplicate(true).build();
        PutResult first = client.put(ByteBuffer.wrap(data), options);
        PutResult second = client.put(ByteBuffer.wrap(data), options);
        Expect.equal(data, client.get(first.capability()), "first");
        Expect.equal(data, client.get(second.capability()), "second");
        Expect.that(second.blobsReused() > second.blobsStored(), "more was stored than reused: " + second);
        Expect.that(!Cluster.put(client, data).equals(Cluster.put(client, data)), "without it the capabilities are equal");
    }

    private static void schemes(Client client) throws Exception {
        byte[] data = Vectors.pattern(7, 300_000);
        for (int[] scheme : new int[][] {{2, 1}, {4, 2}, {1, 2}}) {
            PutOptions options = PutOptions.builder().shards(scheme[0], scheme[1]).build();
            String capability = client.put(ByteBuffer.wrap(data), options).capability();
            Expect.equal(data, client.get(capability), Arrays.toString(scheme));
            VerifyReport report = client.verify(capability);
            Expect.that(report.healthy(), Arrays.toString(scheme) + " is not healthy");
            Expect.equal(scheme[1], report.lowestMargin(), Arrays.toString(scheme) + ", margin");
        }
        for (int[] scheme : new int[][] {{0, 2}, {200, 100}}) {
            Expect.fails(
                () -> client.put(ByteBuffer.wrap(data), PutOptions.builder().shards(scheme[0], scheme[1]).build()),
                Arrays.toString(scheme), "MT_ERROR_INVALID_ARGUMENT");
        }
    }

    private static void suites(Client client) throws Exception {
        byte[] data = new byte[300_000];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i % 251);
        }
        for (Suite suite : Suite.values()) {
            for (Compression compression : Compression.values()) {
                PutOptions options = PutOptions.builder().suite(suite).compression(compression).build();
                Expect.equal(data, client.get(client.put(ByteBuffer.wrap(data), options).capability()), suite + ", " + compression);
            }
        }
    }

    /** Sees to it that progress is told as it should be. */
    private static final class Steps implements ProgressListener {
        private long last = -1;
        private long total;
        private int count;
        private String wrong;

        @Override
        public void progress(long bytesDone, long bytesTotal) {
            if (bytesDone < last || (bytesTotal != UNKNOWN && bytesDone > bytesTotal)) {
                wrong = bytesDone + " of " + bytesTotal + " after " + last;
            }
            last = bytesDone;
            total = bytesTotal;
            count++;
        }

        void check(String what, long length) {
            Expect.that(wrong == null, what + ": " + wrong);
            Expect.that(count > 0, what + ": nothing was told");
            Expect.that(
                total == UNKNOWN ? last >= length : last == length && total == length, what + ": at last " + last + " of " + total);
        }
    }

    private static void progress(Client client) throws Exception {
        byte[] data = Vectors.pattern(1, 8 << 20);
        Steps put = new Steps();
        String capability = client.put(ByteBuffer.wrap(data), PutOptions.builder().progress(put).build()).capability();
        put.check("put", data.length);
        Cluster.folder(folder -> {
            Steps get = new Steps();
            client.getFile(capability, folder.resolve("copy"), GetOptions.builder().progress(get).build());
            get.check("get", data.length);
            int count = get.count;
            Steps verify = new Steps();
            client.verify(capability, verify);
            verify.check("verify", data.length);
            Expect.equal(count, get.count, "calls after the end");
        });
    }

    private static void callbackCallsBack(Client client) throws Exception {
        ClusterStatus[] seen = new ClusterStatus[1];
        ProgressListener listener = (done, total) -> {
            Hashes.sha256(new byte[100]);
            try {
                seen[0] = client.status();
            } catch (MegatorrentException exception) {
                throw new IllegalStateException(exception);
            }
        };
        client.put(Cluster.zeros(8), PutOptions.builder().progress(listener).build());
        Expect.that(seen[0] != null && seen[0].members() >= 6, "status " + seen[0]);
    }

    private static void getRefusesToReplace(Client client) throws Exception {
        Cluster.folder(folder -> {
            Path path = Files.write(folder.resolve("there"), new byte[] {1, 2, 3});
            String capability = Cluster.put(client, new byte[10]);
            Expect.fails(() -> client.getFile(capability, path), "without overwrite", "MT_ERROR_INVALID_ARGUMENT");
            Expect.equal(new byte[] {1, 2, 3}, Files.readAllBytes(path), "the file");
            client.getFile(capability, path, GetOptions.builder().overwrite(true).build());
            Expect.equal(new byte[10], Files.readAllBytes(path), "the file with overwrite");
        });
    }

    private static void verify(Client client) throws Exception {
        PutOptions options = PutOptions.builder().shards(4, 2).build();
        String capability = client.put(ByteBuffer.wrap(Vectors.pattern(1, 3_000_000)), options).capability();
        for (String each : new String[] {capability, Capability.parse(capability).toVerify().text()}) {
            VerifyReport report = client.verify(each);
            Expect.that(report.healthy() && report.recoverable(), report.toString());
            Expect.equal(2, report.lowestMargin(), "margin");
            Expect.equal(0, report.missingBlobs() + report.badBlobs(), "missing and bad blobs");
            Expect.equal(report.blobs(), report.goodBlobs(), "good blobs");
        }
    }

    private static void repair(Client client) throws Exception {
        RepairReport report = client.repair(Cluster.put(client, Vectors.pattern(1, 3_000_000)));
        Expect.equal(0, report.blobsRestored(), "blobs restored");
        Expect.equal(0, report.stillMissing(), "still missing");
        Expect.equal(0, report.unrecoverable(), "unrecoverable");
    }

    private static void manyAtOnce(Client client) throws Exception {
        List<CompletableFuture<PutResult>> puts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            puts.add(client.putAsync(ByteBuffer.wrap(Vectors.pattern(i, 1 << 20)), PutOptions.DEFAULT));
        }
        List<ByteBuffer> buffers = new ArrayList<>();
        List<CompletableFuture<Integer>> gets = new ArrayList<>();
        for (CompletableFuture<PutResult> put : puts) {
            buffers.add(ByteBuffer.allocateDirect(1 << 20));
            gets.add(client.readAsync(put.get().capability(), 0, buffers.get(buffers.size() - 1)));
        }
        for (int i = 0; i < 8; i++) {
            Expect.equal(1 << 20, gets.get(i).get(), "length of get " + i);
            Expect.equal(ByteBuffer.wrap(Vectors.pattern(i, 1 << 20)), buffers.get(i).flip(), "get " + i);
        }
    }
}
