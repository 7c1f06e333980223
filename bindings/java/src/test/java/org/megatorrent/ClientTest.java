package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The calls that wait. */
@NeedsCluster
@Timeout(300)
final class ClientTest {
    private static Client client;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() throws Exception {
        client = Client.open();
    }

    @AfterAll
    static void close() {
        client.close();
    }

    @ParameterizedTest
    @EnumSource(Bytes.Kind.class)
    void everyBufferIsPutAndReadInto(Bytes.Kind kind) throws Exception {
        byte[] data = Bytes.random(1, 300_000);
        ByteBuffer src = kind.of(data);
        PutResult put = client.put(src, PutOptions.DEFAULT);
        assertEquals(0, src.remaining());
        assertEquals(data.length, put.bytes());
        assertEquals(0, put.incompleteStripes());
        assertFalse(put.toString().contains("mt1:"));
        assertArrayEquals(data, client.get(put.capability()));

        ByteBuffer dst = (kind.canBeWritten() ? kind : Bytes.Kind.HEAP_SLICE).of(new byte[1000]);
        int start = dst.position();
        assertEquals(1000, client.read(put.capability(), 200_000, dst));
        assertEquals(0, dst.remaining());
        assertArrayEquals(Arrays.copyOfRange(data, 200_000, 201_000), Bytes.remaining(dst.position(start)));
        assertEquals(5, client.read(put.capability(), data.length - 5, dst.clear()));
    }

    @Test
    void whatFailsLeavesBuffersAsTheyWere() throws Exception {
        String capability = client.put(new byte[10]).capability();
        ByteBuffer dst = ByteBuffer.allocate(10).position(3);
        MegatorrentException failure = assertThrows(MegatorrentException.class, () -> client.read(capability, 11, dst));
        assertEquals(Status.INVALID_ARGUMENT, failure.status());
        assertEquals(3, dst.position());
        assertArrayEquals(new byte[10], dst.array());
        assertThrows(ReadOnlyBufferException.class, () -> client.read(capability, 0, ByteBuffer.allocate(1).asReadOnlyBuffer()));
        assertThrows(IllegalArgumentException.class, () -> client.read(capability, -1, dst));
        assertThrows(NullPointerException.class, () -> client.read(null, 0, dst));
        assertThrows(NullPointerException.class, () -> client.read(capability, 0, null));
        assertThrows(NullPointerException.class, () -> client.put((byte[]) null));
        assertThrows(NullPointerException.class, () -> client.put(ByteBuffer.allocate(1), null));
        assertThrows(NullPointerException.class, () -> client.putFile(null));
        assertThrows(NullPointerException.class, () -> client.getFile(capability, null));
        assertThrows(NullPointerException.class, () -> client.verify(null));
        assertThrows(NullPointerException.class, () -> client.newInputStream(null));
        assertThrows(NullPointerException.class, () -> Client.open(null));
        assertThrows(IllegalArgumentException.class, () -> client.get("mt1:\0"));
        assertEquals(Status.MALFORMED, assertThrows(MegatorrentException.class, () -> client.get("mt1:x")).status());
    }

    @Test
    void filesAndFoldersGoBothWays() throws Exception {
        Path sources = Files.createDirectories(folder.resolve("sources/säb"));
        Files.write(sources.resolve("one"), Bytes.random(2, 70_000));
        Files.write(sources.resolve("zwölf %41.txt"), Bytes.random(3, 10));
        PutResult put = client.putFile(folder.resolve("sources"));
        GetResult got = client.getFile(put.capability(), folder.resolve("copy"));
        assertEquals(70_010, got.bytes());
        assertArrayEquals(Bytes.random(3, 10), Files.readAllBytes(folder.resolve("copy/säb/zwölf %41.txt")));
        assertEquals(
            Status.INVALID_ARGUMENT,
            assertThrows(MegatorrentException.class, () -> client.getFile(put.capability(), folder.resolve("copy"))).status());

        try (ObjectHandle object = client.openObject(put.capability())) {
            ObjectHandle.Info info = object.info();
            assertEquals(ObjectKind.DIRECTORY, info.kind());
            assertEquals("sources", info.name());
            List<ObjectHandle.Entry> entries = object.entries();
            assertEquals(List.of("säb", "säb/one", "säb/zwölf %41.txt"), entries.stream().map(ObjectHandle.Entry::path).toList());
            assertEquals(ObjectHandle.EntryKind.DIRECTORY, entries.get(0).kind());
            ObjectHandle.Entry last = entries.get(2);
            assertEquals(10, last.length());
            ByteBuffer content = ByteBuffer.allocate(10);
            object.read(last.offset(), content);
            assertArrayEquals(Bytes.random(3, 10), content.array());
            assertEquals(
                Files.getLastModifiedTime(sources.resolve("one")).toInstant().truncatedTo(ChronoUnit.MICROS),
                entries.get(1).modified().truncatedTo(ChronoUnit.MICROS));
            assertThrows(MegatorrentException.class, () -> object.entry(3));
            assertThrows(MegatorrentException.class, () -> object.entry(-1));
        }

        Path file = folder.resolve("copy/säb/one");
        String capability = client.putFile(file).capability();
        client.getFile(capability, file, GetOptions.builder().overwrite(true).build());
        assertArrayEquals(Bytes.random(2, 70_000), Files.readAllBytes(file));
    }

    @Test
    void anObjectIsCheckedAndRepaired() throws Exception {
        PutOptions options = PutOptions.builder().name("a name").shards(2, 1).suite(Suite.CHACHA20_POLY1305)
            .compression(Compression.NONE).build();
        String capability = client.put(ByteBuffer.wrap(Bytes.random(4, 200_000)), options).capability();
        VerifyReport report = client.verify(Capability.parse(capability).toVerify().text());
        assertTrue(report.healthy());
        assertTrue(report.recoverable());
        assertEquals(1, report.lowestMargin());
        assertEquals(report.blobs(), report.goodBlobs());
        RepairReport repaired = client.repair(capability);
        assertEquals(0, repaired.blobsRestored());
        assertEquals(report.stripes(), repaired.stripes());
        try (ObjectHandle object = client.openObject(capability)) {
            assertEquals("a name", object.info().name());
            assertEquals(200_000, object.info().length());
            assertEquals(List.of(), object.entries());
        }
        assertTrue(client.status().livingMembers() >= 3);
    }

    @Test
    void progressIsToldOnTheThreadThatWaits() throws Exception {
        List<Long> steps = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        ByteBuffer data = ByteBuffer.allocateDirect(8 << 20);
        client.put(data, PutOptions.builder().progress((done, total) -> {
            steps.add(done);
            threads.add(Thread.currentThread());
        }).build());
        assertFalse(steps.isEmpty());
        assertEquals(steps.stream().sorted().toList(), steps);
        assertEquals(8 << 20, steps.get(steps.size() - 1));
        assertEquals(List.of(Thread.currentThread()), threads.stream().distinct().toList());
    }

    @Test
    void aListenerMayUseTheLibraryAndMayThrow() throws Exception {
        RuntimeException reason = new RuntimeException("enough");
        AtomicReference<ClusterStatus> status = new AtomicReference<>();
        PutOptions options = PutOptions.builder().progress((done, total) -> {
            Hashes.sha256(new byte[10]);
            try {
                status.set(client.status());
            } catch (MegatorrentException exception) {
                throw new IllegalStateException(exception);
            }
            throw reason;
        }).build();
        assertSame(reason, assertThrows(RuntimeException.class, () -> client.put(ByteBuffer.allocateDirect(8 << 20), options)));
        assertTrue(status.get().members() > 0);

        String capability = client.put(ByteBuffer.allocateDirect(32 << 20)).capability();
        GetOptions get = GetOptions.builder().progress((done, total) -> {
            throw reason;
        }).build();
        assertSame(reason, assertThrows(RuntimeException.class, () -> client.getFile(capability, folder.resolve("never"), get)));
        assertFalse(Files.exists(folder.resolve("never")));
        assertArrayEquals(new byte[100], client.get(client.put(new byte[100]).capability()));
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        PutOptions options = PutOptions.builder().progress((done, total) -> Thread.currentThread().interrupt()).build();
        ByteBuffer data = ByteBuffer.allocateDirect(64 << 20);
        MegatorrentException failure = assertThrows(MegatorrentException.class, () -> client.put(data, options));
        assertEquals(Status.CANCELED, failure.status());
        assertTrue(failure.detail().contains("interrupted"));
        assertTrue(Thread.interrupted());
        assertEquals(0, data.position());
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        Client other = Client.open();
        String capability = other.put(new byte[10]).capability();
        ObjectHandle object = other.openObject(capability);
        PutOptions options = PutOptions.builder().progress((done, total) -> other.close()).build();
        MegatorrentException failure = assertThrows(
            MegatorrentException.class, () -> other.put(ByteBuffer.allocateDirect(64 << 20), options));
        assertEquals(Status.CANCELED, failure.status());
        assertThrows(IllegalStateException.class, () -> other.get(capability));
        assertThrows(IllegalStateException.class, other::status);
        assertThrows(IllegalStateException.class, () -> other.newOutputStream(PutOptions.DEFAULT));
        assertEquals(
            Status.CANCELED, assertThrows(MegatorrentException.class, () -> object.read(0, ByteBuffer.allocate(1))).status());
        object.close();
        assertThrows(IllegalStateException.class, object::info);
        other.close();
    }

    @Test
    void optionsSayWhatTheyCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> PutOptions.builder().shards(0, 2));
        assertThrows(IllegalArgumentException.class, () -> PutOptions.builder().shards(1, -1));
        assertThrows(IllegalArgumentException.class, () -> PutOptions.builder().shards(Integer.MAX_VALUE, 1));
        assertThrows(IllegalArgumentException.class, () -> ClientOptions.builder().requestTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> ClientOptions.builder().memoryBytesMax(0));
        assertThrows(NullPointerException.class, () -> ClientOptions.builder().executor(null));
        ClientOptions nowhere = ClientOptions.builder().cluster("127.0.0.1:9").build();
        assertEquals(Status.UNREACHABLE, assertThrows(MegatorrentException.class, () -> Client.open(nowhere)).status());
        ClientOptions unknown = ClientOptions.builder().credentialPath(folder.resolve("none")).build();
        assertEquals(Status.NOT_FOUND, assertThrows(MegatorrentException.class, () -> Client.open(unknown)).status());
    }

    @Test
    void theLogIsHeardUntilItIsTurnedOff() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Megatorrent.setLogListener(LogLevel.DEBUG, (level, message) -> {
            lines.add(message);
            throw new IllegalStateException("nobody listens");
        });
        try (Client other = Client.open()) {
            other.get(other.put(new byte[1000]).capability());
            assertThrows(MegatorrentException.class, () -> Client.open(ClientOptions.builder().cluster("127.0.0.1:9").build()));
        }
        Megatorrent.setLogListener(LogLevel.ERROR, null);
        int heard = lines.size();
        try (Client other = Client.open()) {
            other.put(new byte[1000]);
        }
        assertEquals(heard, lines.size());
        assertTrue(lines.stream().noneMatch(line -> line.isEmpty() || line.contains("mtcred1:") || line.contains("mt1:")));
        assertThrows(NullPointerException.class, () -> Megatorrent.setLogListener(null, null));
    }
}
