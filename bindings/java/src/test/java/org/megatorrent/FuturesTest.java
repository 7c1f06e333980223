package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The calls that do not wait. */
@NeedsCluster
@Timeout(300)
final class FuturesTest {
    private static final int LONG = 64 << 20;
    private static final String THREAD = "of the test";

    private static ExecutorService executor;
    private static Client client;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() throws Exception {
        executor = Executors.newFixedThreadPool(2, task -> new Thread(task, THREAD));
        client = Client.openAsync(ClientOptions.builder().executor(executor).build()).get(60, TimeUnit.SECONDS);
    }

    @AfterAll
    static void close() {
        client.close();
        executor.shutdownNow();
    }

    private static <T> T ended(CompletableFuture<T> future) throws Exception {
        return future.get(120, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> ended(future)).getCause();
    }

    @Test
    void everythingCanBeDoneWithoutWaiting() throws Exception {
        byte[] data = Bytes.random(1, 300_000);
        ByteBuffer src = ByteBuffer.wrap(data);
        CompletableFuture<PutResult> putting = client.putAsync(src, PutOptions.DEFAULT);
        assertEquals(0, src.remaining());
        String capability = ended(putting).capability();

        ByteBuffer heap = ByteBuffer.allocate(1000);
        ByteBuffer direct = ByteBuffer.allocateDirect(1000);
        CompletableFuture<Integer> first = client.readAsync(capability, 5, heap);
        CompletableFuture<Integer> second = client.readAsync(capability, 5, direct);
        assertEquals(1000, ended(first));
        assertEquals(1000, ended(second));
        assertEquals(heap.flip(), direct.flip());
        assertArrayEquals(Arrays.copyOfRange(data, 5, 1005), heap.array());

        Path path = folder.resolve("file");
        assertEquals(data.length, ended(client.getFileAsync(capability, path, GetOptions.DEFAULT)).bytes());
        assertEquals(data.length, ended(client.putFileAsync(path, PutOptions.DEFAULT)).bytes());
        assertTrue(ended(client.verifyAsync(capability, null)).healthy());
        assertEquals(0, ended(client.repairAsync(capability, null)).blobsRestored());
        try (ObjectHandle object = ended(client.openObjectAsync(capability))) {
            assertEquals(10, ended(object.readAsync(data.length - 10, heap.clear())));
        }
    }

    @Test
    void manyMayBeUnderWayAtOnce() throws Exception {
        List<CompletableFuture<byte[]>> futures = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int length = 50_000 + i;
            futures.add(client.putAsync(ByteBuffer.wrap(Bytes.random(i, length)), PutOptions.DEFAULT).thenCompose(put -> {
                ByteBuffer dst = ByteBuffer.allocate(length);
                return client.readAsync(put.capability(), 0, dst).thenApply(count -> dst.array());
            }));
        }
        for (int i = 0; i < 16; i++) {
            assertArrayEquals(Bytes.random(i, 50_000 + i), ended(futures.get(i)));
        }
    }

    @Test
    void listenersAndWhatFollowsRunOnTheExecutor() throws Exception {
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        List<Long> steps = new ArrayList<>();
        CountDownLatch mayRun = new CountDownLatch(1);
        PutOptions options = PutOptions.builder().progress((done, total) -> {
            try {
                mayRun.await();
            } catch (InterruptedException exception) {
                throw new IllegalStateException(exception);
            }
            threads.add(Thread.currentThread().getName());
            steps.add(done);
        }).build();
        CompletableFuture<Void> future = client.putAsync(ByteBuffer.allocateDirect(8 << 20), options)
            .thenAccept(put -> threads.add(Thread.currentThread().getName()));
        mayRun.countDown();
        ended(future);
        assertEquals(List.of(THREAD), threads.stream().distinct().toList());
        assertEquals(steps.stream().sorted().toList(), steps);
        assertEquals(8 << 20, steps.get(steps.size() - 1));
    }

    /** However a future ends before its operation, that is cancelled; the client is not disturbed. */
    @Test
    void endingTheFutureCancelsTheOperation() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        PutOptions options = PutOptions.builder().progress((done, total) -> started.countDown()).build();
        CompletableFuture<PutResult> future = client.putAsync(ByteBuffer.allocateDirect(LONG), options);
        assertTrue(started.await(60, TimeUnit.SECONDS));
        assertTrue(future.cancel(true));
        assertTrue(future.isCancelled());
        assertThrows(CancellationException.class, () -> ended(future));
        assertFalse(future.cancel(true) && !future.isCancelled());

        CompletableFuture<PutResult> atOnce = client.putAsync(ByteBuffer.allocateDirect(LONG), PutOptions.DEFAULT);
        atOnce.cancel(true);
        assertTrue(atOnce.isCancelled());

        PutResult mine = new PutResult("", 0, 0, 0, 0, 0, 0, 0);
        CompletableFuture<PutResult> completed = client.putAsync(ByteBuffer.allocateDirect(LONG), PutOptions.DEFAULT);
        completed.complete(mine);
        assertSame(mine, ended(completed));

        CompletableFuture<PutResult> late = client.putAsync(ByteBuffer.allocateDirect(LONG), PutOptions.DEFAULT)
            .orTimeout(1, TimeUnit.NANOSECONDS);
        assertInstanceOf(TimeoutException.class, failure(late));

        CompletableFuture<Client> unwanted = Client.openAsync(ClientOptions.DEFAULT);
        unwanted.cancel(true);
        assertArrayEquals(new byte[9], client.get(client.put(new byte[9]).capability()));
    }

    /** A heap buffer belongs to its owner again as soon as the future has ended. */
    @Test
    void aReadThatWasCancelledWritesNothing() throws Exception {
        String capability = client.put(Bytes.random(5, 8 << 20)).capability();
        for (int i = 0; i < 5; i++) {
            ByteBuffer dst = ByteBuffer.allocate(8 << 20);
            CompletableFuture<Integer> reading = client.readAsync(capability, 0, dst);
            if (reading.cancel(true)) {
                assertEquals(0, dst.position());
            }
        }
        assertEquals(8 << 20, client.read(capability, 0, ByteBuffer.allocateDirect(8 << 20)));
    }

    @Test
    void aListenerThatThrowsIsTheReason() throws Exception {
        RuntimeException reason = new RuntimeException("enough");
        CompletableFuture<PutResult> future = client.putAsync(
            ByteBuffer.allocateDirect(LONG), PutOptions.builder().progress((done, total) -> {
                throw reason;
            }).build());
        assertSame(reason, failure(future));
        Error error = new StackOverflowError();
        String capability = client.put(new byte[3 << 20]).capability();
        assertSame(error, failure(client.verifyAsync(capability, (done, total) -> {
            throw error;
        })));
    }

    @Test
    void failuresAreInTheFutureAndWrongArgumentsAreNot() {
        assertEquals(
            Status.MALFORMED, ((MegatorrentException) failure(client.readAsync("mt1:x", 0, ByteBuffer.allocate(1)))).status());
        assertEquals(
            Status.NOT_FOUND,
            ((MegatorrentException) failure(client.putFileAsync(folder.resolve("none"), PutOptions.DEFAULT))).status());
        assertEquals(
            Status.UNREACHABLE,
            ((MegatorrentException) failure(Client.openAsync(ClientOptions.builder().cluster("127.0.0.1:9").build()))).status());
        assertThrows(NullPointerException.class, () -> client.readAsync(null, 0, ByteBuffer.allocate(1)));
        assertThrows(NullPointerException.class, () -> client.putAsync(null, PutOptions.DEFAULT));
        assertThrows(IllegalArgumentException.class, () -> client.readAsync("mt1:x", -1, ByteBuffer.allocate(1)));
    }

    @Test
    void closingTheClientEndsItsFutures() throws Exception {
        Client other = Client.open();
        List<CompletableFuture<PutResult>> futures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            futures.add(other.putAsync(ByteBuffer.allocateDirect(LONG), PutOptions.DEFAULT));
        }
        other.close();
        for (CompletableFuture<PutResult> future : futures) {
            try {
                assertEquals(LONG, ended(future).bytes()); // faster than close
            } catch (ExecutionException exception) {
                assertEquals(Status.CANCELED, ((MegatorrentException) exception.getCause()).status());
            }
        }
        assertThrows(IllegalStateException.class, () -> other.putAsync(ByteBuffer.allocate(1), PutOptions.DEFAULT));
    }

    /** A future ends even if nobody is left to run what follows. */
    @Test
    void anExecutorThatIsGoneIsStoodInFor() throws Exception {
        ExecutorService gone = Executors.newSingleThreadExecutor();
        try (Client other = Client.open(ClientOptions.builder().executor(gone).build())) {
            gone.shutdown();
            String capability = ended(other.putAsync(ByteBuffer.wrap(new byte[10]), PutOptions.DEFAULT)).capability();
            assertEquals(10, ended(other.readAsync(capability, 0, ByteBuffer.allocate(10))));
        }
    }

    /** Ends its JVM while much is under way. */
    static final class Leave {
        public static void main(String[] args) throws Exception {
            Client open = Client.open();
            List<CompletableFuture<PutResult>> futures = new ArrayList<>();
            CountDownLatch started = new CountDownLatch(1);
            PutOptions options = PutOptions.builder().progress((done, total) -> started.countDown()).build();
            for (int i = 0; i < 3; i++) {
                futures.add(open.putAsync(ByteBuffer.allocateDirect(LONG), options));
            }
            started.await();
            System.out.println("leaving " + futures.size());
            switch (args[0]) {
                case "exit" -> System.exit(7);
                case "halt" -> Runtime.getRuntime().halt(7);
                case "thread" -> new Thread(() -> System.exit(7)).start();
                default -> {
                }
            }
        }
    }

    @Test
    void theProcessMayEndAnyTime() throws Exception {
        for (String way : new String[] {"exit", "halt", "thread", "return"}) {
            Child child = Child.run(Leave.class, List.of(), Map.of(), way);
            assertEquals(way.equals("return") ? 0 : 7, child.exitCode, child.output);
            assertTrue(child.output.contains("leaving 3"), child.output);
            assertFalse(child.output.contains("fatal error"), child.output);
        }
    }
}
