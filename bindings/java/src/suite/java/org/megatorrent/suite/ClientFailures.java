package org.megatorrent.suite;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.megatorrent.Capability;
import org.megatorrent.Client;
import org.megatorrent.ClientOptions;
import org.megatorrent.GetOptions;
import org.megatorrent.MegatorrentException;
import org.megatorrent.ObjectHandle;
import org.megatorrent.ProgressListener;
import org.megatorrent.PutOptions;
import org.megatorrent.PutResult;

/** client.*, where something goes wrong. */
final class ClientFailures {
    private final Vectors vectors;

    private ClientFailures(Vectors vectors) {
        this.vectors = vectors;
    }

    static void list(Vectors vectors, Suite.Book book) {
        ClientFailures all = new ClientFailures(vectors);
        book.add("client.progress-cancels", Cluster.client(ClientFailures::progressCancels));
        book.add("client.callback-throws", Cluster.client(ClientFailures::callbackThrows));
        book.add("client.missing-file", Cluster.client(ClientFailures::missingFile));
        book.add("client.malformed-capability", Cluster.client(all::malformedCapability));
        book.add("client.wrong-capability", Cluster.client(all::wrongCapability));
        book.add("client.verify-only-cannot-read", Cluster.client(ClientFailures::verifyOnlyCannotRead));
        book.add("client.unreachable", () -> Expect.fails(
            () -> Client.open(ClientOptions.builder().cluster("127.0.0.1:9").build()).close(), "port 9", "MT_ERROR_UNREACHABLE"));
        book.add("client.bad-address", ClientFailures::badAddress);
        book.add("client.bad-credential", all::badCredential);
        book.add("client.close-while-busy", ClientFailures::closeWhileBusy);
        book.add("client.cluster-gone", ClientFailures::clusterGone);
    }

    private static void mustWork(Client client) throws MegatorrentException {
        byte[] data = Vectors.pattern(11, 1000);
        Expect.equal(data, client.get(Cluster.put(client, data)), "a put and get afterwards");
    }

    /** In Java an interrupt is what cancels a call that waits. */
    private static void progressCancels(Client client) throws Exception {
        ProgressListener interrupt = (done, total) -> Thread.currentThread().interrupt();
        Expect.fails(
            () -> client.put(Cluster.zeros(32), Cluster.incompressible().progress(interrupt).build()), "put", "MT_ERROR_CANCELED");
        Expect.that(Thread.interrupted(), "the interrupt is lost");
        String capability = client.put(Cluster.zeros(32)).capability();
        Cluster.folder(folder -> {
            Path path = folder.resolve("copy");
            Expect.fails(
                () -> client.getFile(capability, path, GetOptions.builder().progress(interrupt).build()), "get", "MT_ERROR_CANCELED");
            Expect.that(Thread.interrupted(), "the interrupt is lost");
            Expect.that(!Files.exists(path), "the file is there");
        });
        mustWork(client);
    }

    private static void callbackThrows(Client client) throws Exception {
        RuntimeException thrown = new RuntimeException("thrown by the listener");
        ProgressListener listener = (done, total) -> {
            throw thrown;
        };
        String capability = client.put(Cluster.zeros(8)).capability();
        PutOptions put = PutOptions.builder().progress(listener).build();
        Expect.equal(thrown, Expect.throwsOne(() -> client.put(Cluster.zeros(8), put), "put", RuntimeException.class), "put");
        Expect.equal(thrown, Expect.throwsOne(() -> client.verify(capability, listener), "verify", RuntimeException.class), "verify");
        Throwable failed = Expect.throwsOne(() -> client.putAsync(Cluster.zeros(8), put).get(), "future", ExecutionException.class);
        Expect.equal(thrown, failed.getCause(), "future");
        Cluster.folder(folder -> Expect.equal(
            thrown,
            Expect.throwsOne(
                () -> client.getFile(capability, folder.resolve("copy"), GetOptions.builder().progress(listener).build()), "get",
                RuntimeException.class),
            "get"));
        mustWork(client);
    }

    private static void missingFile(Client client) throws Exception {
        Cluster.folder(folder -> {
            Expect.fails(() -> client.putFile(folder.resolve("none")), "put", "MT_ERROR_NOT_FOUND");
            String capability = Cluster.put(client, new byte[10]);
            Expect.fails(
                () -> client.getFile(capability, folder.resolve("none/file")), "get", "MT_ERROR_INPUT_OUTPUT", "MT_ERROR_NOT_FOUND");
        });
    }

    private void malformedCapability(Client client) throws Exception {
        Cluster.folder(folder -> {
            for (Vectors.Case each : vectors.cases("capabilities", "bad")) {
                String text = each.text("text");
                if (text.indexOf('\0') >= 0) {
                    continue;
                }
                String status = each.text("status");
                Expect.fails(() -> client.getFile(text, folder.resolve("copy")), each.name() + ", get", "MT_ERROR_MALFORMED", status);
                Expect.fails(() -> client.read(text, 0, ByteBuffer.allocate(1)), each.name() + ", read", "MT_ERROR_MALFORMED", status);
                Expect.fails(() -> client.verify(text), each.name() + ", verify", "MT_ERROR_MALFORMED", status);
            }
        });
    }

    private void wrongCapability(Client client) throws Exception {
        String unknown = vectors.named("capabilities", "good", "read").text("text");
        Capability known = Capability.parse(Cluster.put(client, Vectors.pattern(1, 1000)));
        String wrongKey = Capability.toRead(known.rootId(), new byte[32], known.rootLength(), known.parityShards()).text();
        Cluster.folder(folder -> {
            Path path = folder.resolve("copy");
            String[] absent = {"MT_ERROR_NOT_ENOUGH_SHARDS", "MT_ERROR_NOT_FOUND"};
            Expect.fails(() -> client.getFile(unknown, path), "get", absent);
            Expect.fails(() -> client.read(unknown, 0, ByteBuffer.allocate(1)), "read", absent);
            Expect.fails(() -> client.getFile(wrongKey, path), "get with the wrong key", "MT_ERROR_INTEGRITY");
            Expect.fails(() -> client.read(wrongKey, 0, ByteBuffer.allocate(1)), "read with the wrong key", "MT_ERROR_INTEGRITY");
        });
    }

    private static void verifyOnlyCannotRead(Client client) throws Exception {
        String verify = Capability.parse(Cluster.put(client, new byte[1000])).toVerify().text();
        Cluster.folder(folder -> {
            Expect.fails(() -> client.getFile(verify, folder.resolve("copy")), "get", "MT_ERROR_UNAUTHORIZED");
            Expect.fails(() -> client.read(verify, 0, ByteBuffer.allocate(1)), "read", "MT_ERROR_UNAUTHORIZED");
        });
    }

    private static void badAddress() {
        for (String address : new String[] {"", "no port", "127.0.0.1:99999"}) {
            Expect.fails(
                () -> Client.open(ClientOptions.builder().cluster(address).build()).close(), "'" + address + "'",
                "MT_ERROR_INVALID_ARGUMENT");
        }
    }

    private void badCredential() throws Exception {
        Expect.fails(() -> Client.open(ClientOptions.builder().credential("mtcred1:x").build()).close(), "mtcred1:x", "MT_ERROR_MALFORMED");
        Cluster.folder(folder -> Expect.fails(
            () -> Client.open(ClientOptions.builder().credentialPath(folder.resolve("none")).build()).close(), "no file",
            "MT_ERROR_NOT_FOUND"));
        String other = vectors.cases("peers", "payloads").get(0).text("credential");
        Expect.fails(
            () -> Client.open(ClientOptions.builder().credential(other).build()).close(), "another cluster's", "MT_ERROR_UNAUTHORIZED");
    }

    private static void closeWhileBusy() throws Exception {
        Client client = Client.open();
        CountDownLatch started = new CountDownLatch(1);
        PutOptions options = Cluster.incompressible().progress((done, total) -> started.countDown()).build();
        CompletableFuture<PutResult> busy = CompletableFuture.supplyAsync(() -> {
            try {
                return client.put(Cluster.zeros(64), options);
            } catch (MegatorrentException exception) {
                throw new IllegalStateException(exception);
            }
        });
        Expect.that(started.await(60, TimeUnit.SECONDS), "no progress in a minute");
        client.close();
        try {
            Expect.equal(64L << 20, busy.get(60, TimeUnit.SECONDS).bytes(), "bytes of the put");
        } catch (ExecutionException exception) {
            Expect.equal("MT_ERROR_CANCELED", Expect.status(exception), "status");
        }
        Expect.throwsOne(() -> Cluster.put(client, new byte[1]), "put afterwards", IllegalStateException.class);
        Expect.throwsOne(client::status, "status afterwards", IllegalStateException.class);
        client.close();
    }

    private static void clusterGone() throws Exception {
        String binary = System.getenv("MEGATORRENT_BIN");
        String data = System.getenv("MT_CLUSTER_DATA");
        if (binary == null || data == null) {
            throw new Suite.Skip("MEGATORRENT_BIN and MT_CLUSTER_DATA do not say what to take down");
        }
        String[] gone = {"MT_ERROR_UNREACHABLE", "MT_ERROR_NOT_ENOUGH_SHARDS", "MT_ERROR_TIMEOUT"};
        Client client = Client.open();
        try (ObjectHandle object = client.openObject(Cluster.put(client, Vectors.pattern(1, 3_000_000)))) {
            Process down = new ProcessBuilder(binary, "cluster", "down", "--data", data)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            Expect.equal(0, down.waitFor(), "exit code of cluster down");
            within(120, () -> Expect.fails(() -> Cluster.put(client, new byte[1000]), "put", gone));
            within(120, () -> Expect.fails(() -> object.read(0, ByteBuffer.allocate(3_000_000)), "read", gone));
            Expect.fails(() -> Client.open().close(), "open", "MT_ERROR_UNREACHABLE");
        }
        client.close();
        Expect.throwsOne(client::status, "status after close", IllegalStateException.class);
    }

    private static void within(int seconds, Runnable action) {
        long start = System.nanoTime();
        action.run();
        long taken = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        Expect.that(taken <= seconds, "it took " + taken + " s");
    }
}
