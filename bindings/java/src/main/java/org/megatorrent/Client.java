package org.megatorrent;

import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A connection to a cluster, through which objects are put, read, verified and repaired. It may be used by any number of threads at once.
 *
 * <p>Methods without {@code Async} wait. An interrupt of the waiting thread cancels what it waits for, which then fails with
 * {@link Status#CANCELED}; the thread is interrupted afterwards. Methods with {@code Async} return at once; cancelling the future, or
 * completing it in another way before the operation has ended, cancels the operation. Futures are completed, and listeners called, on the
 * executor of {@link ClientOptions}.
 *
 * <p>Until an operation has ended it uses the buffer that it was given. A future that was cancelled is complete before that: do not use its
 * buffer again before the client is closed. Of the bytes in a heap buffer a put makes a copy before it returns.
 *
 * <p>Every operation can fail with a {@link MegatorrentException}, also where a method names others:
 * <ul>
 * <li>{@link Status#UNREACHABLE}: no node answers. {@link Status#TIMEOUT}: one took too long.
 * <li>{@link Status#UNAUTHORIZED}: the credential may not do this; or an {@code mtv1:} capability cannot read.
 * <li>{@link Status#MALFORMED}: the capability or credential was cut or mistyped.
 * <li>{@link Status#NOT_ENOUGH_SHARDS}: too many blobs are lost to read now, or there are too few nodes to store safely.
 * <li>{@link Status#INTEGRITY}: what came back is not what the capability names.
 * <li>{@link Status#CANCELED}: the client was closed, or the operation cancelled.
 * </ul>
 */
public final class Client implements AutoCloseable {
    /** The longest array that every JVM makes. */
    private static final int ARRAY_LENGTH_MAX = Integer.MAX_VALUE - 8;

    private final Executor executor;
    private final Handle handle;

    /** Operations whose listeners are called on threads that wait here; guards closing too. */
    private final Set<Operation<?>> listening = new HashSet<>();
    private boolean closing;

    private Client(long opened, Executor executor) {
        this.executor = executor;
        handle = new Handle(this, "client", opened, Native::clientClose);
    }

    /**
     * Reaches the cluster of {@link ClientOptions#DEFAULT}.
     *
     * @return the client
     * @throws MegatorrentException as {@link #open(ClientOptions)} does
     */
    public static Client open() throws MegatorrentException {
        return open(ClientOptions.DEFAULT);
    }

    /**
     * Reaches a cluster through any one of its nodes.
     *
     * @param options which one, and how
     * @return the client
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: the text for the cluster has something else in it;
     *     {@link Status#UNREACHABLE}: no cluster is known, or none of its nodes answers; {@link Status#UNAUTHORIZED}: there is no
     *     credential, or it was refused; {@link Status#NOT_FOUND}: the file of the credential is not there
     */
    public static Client open(ClientOptions options) throws MegatorrentException {
        return Operation.await(options, starter(options), outcome -> new Client(outcome.value(), options.executor));
    }

    /**
     * Reaches a cluster, without waiting; see {@link #open(ClientOptions)}.
     *
     * @param options which one, and how
     * @return the client
     */
    public static CompletableFuture<Client> openAsync(ClientOptions options) {
        return Operation.submit(
            options, options.executor, null, starter(options), outcome -> new Client(outcome.value(), options.executor),
            Native::clientClose);
    }

    /**
     * Puts bytes as a file.
     *
     * @param data the bytes, of which a copy is made
     * @return the capability that reads it, and what was stored
     * @throws MegatorrentException as {@link #put(ByteBuffer, PutOptions)} does
     */
    public PutResult put(byte[] data) throws MegatorrentException {
        return put(ByteBuffer.wrap(data), PutOptions.DEFAULT);
    }

    /**
     * Puts what remains of a buffer as a file.
     *
     * @param data the buffer
     * @return the capability that reads it, and what was stored
     * @throws MegatorrentException as {@link #put(ByteBuffer, PutOptions)} does
     */
    public PutResult put(ByteBuffer data) throws MegatorrentException {
        return put(data, PutOptions.DEFAULT);
    }

    /**
     * Puts what remains of a buffer as a file. When this has returned, every stripe has at least k + m/2 (rounded up) blobs that are
     * durable on different nodes. When it fails nothing is acknowledged.
     *
     * @param data the buffer, whose position moves to its limit; a direct one is used in place, of another one a copy is made
     * @param options how
     * @return the capability that reads it, and what was stored
     * @throws MegatorrentException {@link Status#STORE_FULL}: the nodes have no room
     */
    public PutResult put(ByteBuffer data, PutOptions options) throws MegatorrentException {
        Memory memory = Memory.toRead(data);
        PutResult result = Operation.await(this, options.progress, putStarter(memory, options), PutResult::of);
        data.position(data.limit());
        return result;
    }

    /**
     * Puts what remains of a buffer as a file, without waiting; see {@link #put(ByteBuffer, PutOptions)}.
     *
     * @param data the buffer, whose position moves to its limit at once; the bytes of a direct one must stay until the operation has ended,
     *     of another one a copy is made
     * @param options how
     * @return the capability that reads it, and what was stored
     */
    public CompletableFuture<PutResult> putAsync(ByteBuffer data, PutOptions options) {
        Memory memory = Memory.toRead(data);
        CompletableFuture<PutResult> future = Operation.submit(
            this, executor, options.progress, putStarter(memory, options), PutResult::of);
        data.position(data.limit());
        return future;
    }

    /**
     * Puts a file, or a directory with all that is in it.
     *
     * @param path the file or directory
     * @return the capability that reads it, and what was stored
     * @throws MegatorrentException as {@link #putFile(Path, PutOptions)} does
     */
    public PutResult putFile(Path path) throws MegatorrentException {
        return putFile(path, PutOptions.DEFAULT);
    }

    /**
     * Puts a file, or a directory with all that is in it.
     *
     * @param path the file or directory
     * @param options how
     * @return the capability that reads it, and what was stored
     * @throws MegatorrentException {@link Status#NOT_FOUND}: nothing is there; {@link Status#INPUT_OUTPUT}: it cannot be read;
     *     {@link Status#STORE_FULL}: the nodes have no room
     * @throws IllegalArgumentException if the path is not one of the default file system
     */
    public PutResult putFile(Path path, PutOptions options) throws MegatorrentException {
        return Operation.await(this, options.progress, putFileStarter(path, options), PutResult::of);
    }

    /**
     * Puts a file or directory, without waiting; see {@link #putFile(Path, PutOptions)}.
     *
     * @param path the file or directory
     * @param options how
     * @return the capability that reads it, and what was stored
     */
    public CompletableFuture<PutResult> putFileAsync(Path path, PutOptions options) {
        return Operation.submit(this, executor, options.progress, putFileStarter(path, options), PutResult::of);
    }

    /**
     * Gets a file or directory to a path where nothing is yet.
     *
     * @param capability what reads it
     * @param path where it goes
     * @return what was brought
     * @throws MegatorrentException as {@link #getFile(String, Path, GetOptions)} does
     */
    public GetResult getFile(String capability, Path path) throws MegatorrentException {
        return getFile(capability, path, GetOptions.DEFAULT);
    }

    /**
     * Gets a file or directory to a path. Until it is whole it stands under the path with {@code .mtpart} behind it, where a later call
     * goes on.
     *
     * @param capability what reads it
     * @param path where it goes
     * @param options how
     * @return what was brought
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: something is at the path already; {@link Status#INPUT_OUTPUT}: the path
     *     cannot be written
     * @throws IllegalArgumentException if the path is not one of the default file system
     */
    public GetResult getFile(String capability, Path path, GetOptions options) throws MegatorrentException {
        return Operation.await(this, options.progress, getFileStarter(capability, path, options), GetResult::of);
    }

    /**
     * Gets a file or directory, without waiting; see {@link #getFile(String, Path, GetOptions)}.
     *
     * @param capability what reads it
     * @param path where it goes
     * @param options how
     * @return what was brought
     */
    public CompletableFuture<GetResult> getFileAsync(String capability, Path path, GetOptions options) {
        return Operation.submit(this, executor, options.progress, getFileStarter(capability, path, options), GetResult::of);
    }

    /**
     * Gets a file, or the files of a directory one after the other, into an array.
     *
     * @param capability what reads it
     * @return its bytes
     * @throws MegatorrentException {@link Status#LIMIT_EXCEEDED}: it does not fit into an array
     */
    public byte[] get(String capability) throws MegatorrentException {
        try (ObjectHandle object = openObject(capability)) {
            long length = object.info().length();
            if (length > ARRAY_LENGTH_MAX) {
                throw new MegatorrentException(
                    Status.LIMIT_EXCEEDED, "The object has " + length + " bytes, more than an array; use newInputStream or getFile.");
            }
            byte[] bytes = new byte[(int) length];
            try (GetStream stream = object.newGetStream(0, GetStream.TO_THE_END)) {
                stream.readAll(bytes);
            }
            return bytes;
        }
    }

    /**
     * Reads a file from an offset on, as far as the buffer or the file goes. To read often from one file, open it.
     *
     * @param capability what reads the file
     * @param offset where to begin, from 0 to the end of the file
     * @param dst takes the bytes; a direct one in place
     * @return how many bytes were read; fewer than remained only at the end of the file
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: the offset is beyond the end, or it is a directory
     * @throws IllegalArgumentException if the offset is below 0
     */
    public int read(String capability, long offset, ByteBuffer dst) throws MegatorrentException {
        Memory memory = Memory.toWrite(dst);
        int length = Operation.await(this, readStarter(capability, offset, memory), outcome -> (int) outcome.value());
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Reads a file from an offset on, without waiting; see {@link #read(String, long, ByteBuffer)}.
     *
     * @param capability what reads the file
     * @param offset where to begin
     * @param dst takes the bytes, and is not to be used until the operation has ended; its position moves then, unless it was cancelled
     * @return how many bytes were read
     */
    public CompletableFuture<Integer> readAsync(String capability, long offset, ByteBuffer dst) {
        Memory memory = Memory.toWrite(dst);
        return Operation.submit(this, executor, null, readStarter(capability, offset, memory), outcome -> advance(dst, outcome));
    }

    /**
     * Opens an object, to read at any place of it.
     *
     * @param capability what reads it
     * @return the object
     * @throws MegatorrentException as every operation can
     */
    public ObjectHandle openObject(String capability) throws MegatorrentException {
        return Operation.await(this, objectStarter(capability), outcome -> new ObjectHandle(outcome.value(), executor));
    }

    /**
     * Opens an object, without waiting; see {@link #openObject}.
     *
     * @param capability what reads it
     * @return the object
     */
    public CompletableFuture<ObjectHandle> openObjectAsync(String capability) {
        return Operation.submit(
            this, executor, null, objectStarter(capability), outcome -> new ObjectHandle(outcome.value(), executor), Native::objectDestroy);
    }

    /**
     * Opens a stream that reads an object from its beginning on, ahead of the reader.
     *
     * @param capability what reads it
     * @return the stream; a reader that waits is interrupted by {@code close}
     * @throws MegatorrentException as every operation can
     */
    public InputStream newInputStream(String capability) throws MegatorrentException {
        try (ObjectHandle object = openObject(capability)) {
            return object.newInputStream();
        }
    }

    /**
     * Opens a channel that reads at any place of an object. It cannot be written to.
     *
     * @param capability what reads it
     * @return the channel; a reader that waits is interrupted by {@code close}
     * @throws MegatorrentException as every operation can
     */
    public SeekableByteChannel newByteChannel(String capability) throws MegatorrentException {
        return new ObjectChannel(openObject(capability), true);
    }

    /**
     * Opens a stream that puts a file whose length need not be known.
     *
     * @param options how
     * @return the stream
     * @throws MegatorrentException as every operation can
     */
    public PutStream newOutputStream(PutOptions options) throws MegatorrentException {
        byte[] name = options.nameBytes();
        long[] created = new long[2];
        try {
            Check.status(Native.uploadCreate(
                created, handle.get(), options.dataShards, options.parityShards, options.suite.code(), options.compression.code(),
                options.deduplicate, name));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new PutStream(created[0], created[1], options.progress);
    }

    /**
     * Reads and hashes every blob of an object, parity too. A damaged object is a result, not a failure.
     *
     * @param capability what names it; an {@code mtv1:} capability is enough
     * @param progress is told how far it is; null for none
     * @return how it is
     * @throws MegatorrentException as every operation can
     */
    public VerifyReport verify(String capability, ProgressListener progress) throws MegatorrentException {
        return Operation.await(this, progress, verifyStarter(capability, progress), VerifyReport::of);
    }

    /**
     * Reads and hashes every blob of an object; see {@link #verify(String, ProgressListener)}.
     *
     * @param capability what names it
     * @return how it is
     * @throws MegatorrentException as every operation can
     */
    public VerifyReport verify(String capability) throws MegatorrentException {
        return verify(capability, null);
    }

    /**
     * Reads and hashes every blob of an object, without waiting; see {@link #verify(String, ProgressListener)}.
     *
     * @param capability what names it
     * @param progress is told how far it is; null for none
     * @return how it is
     */
    public CompletableFuture<VerifyReport> verifyAsync(String capability, ProgressListener progress) {
        return Operation.submit(this, executor, progress, verifyStarter(capability, progress), VerifyReport::of);
    }

    /**
     * Verifies an object, and stores anew what is missing or wrong. The credential must be a writer's.
     *
     * @param capability what names it; an {@code mtv1:} capability is enough
     * @param progress is told how far it is; null for none
     * @return what was done
     * @throws MegatorrentException as every operation can
     */
    public RepairReport repair(String capability, ProgressListener progress) throws MegatorrentException {
        return Operation.await(this, progress, repairStarter(capability, progress), RepairReport::of);
    }

    /**
     * Verifies and repairs an object; see {@link #repair(String, ProgressListener)}.
     *
     * @param capability what names it
     * @return what was done
     * @throws MegatorrentException as every operation can
     */
    public RepairReport repair(String capability) throws MegatorrentException {
        return repair(capability, null);
    }

    /**
     * Verifies and repairs an object, without waiting; see {@link #repair(String, ProgressListener)}.
     *
     * @param capability what names it
     * @param progress is told how far it is; null for none
     * @return what was done
     */
    public CompletableFuture<RepairReport> repairAsync(String capability, ProgressListener progress) {
        return Operation.submit(this, executor, progress, repairStarter(capability, progress), RepairReport::of);
    }

    /**
     * Asks the cluster who is in it now. When nobody answers: what was heard last. An interrupt does not end this.
     *
     * @return who is in it
     * @throws MegatorrentException as every operation can
     */
    public ClusterStatus status() throws MegatorrentException {
        long[] numbers = new long[3];
        try {
            Check.status(Native.clientStatus(handle.get(), numbers));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new ClusterStatus((int) numbers[0], (int) numbers[1], (int) numbers[2]);
    }

    /**
     * Closes the client: whatever is under way through it, or through objects and streams that came from it, is cancelled and waited for,
     * and fails with {@link Status#CANCELED}.
     */
    @Override
    public void close() {
        List<Operation<?>> last;
        synchronized (listening) {
            closing = true;
            last = List.copyOf(listening);
        }
        last.forEach(Operation::cancel);
        handle.close();
    }

    /** Takes note of an operation that has a listener, so that close can cancel it. */
    void enter(Operation<?> operation) {
        synchronized (listening) {
            if (closing) {
                throw new IllegalStateException("The client is closed.");
            }
            listening.add(operation);
        }
    }

    void leave(Operation<?> operation) {
        synchronized (listening) {
            listening.remove(operation);
        }
    }

    /** For mappers: moves the position of a buffer that was read into. */
    static int advance(ByteBuffer dst, Operation.Outcome outcome) {
        int length = (int) outcome.value();
        dst.position(dst.position() + length);
        return length;
    }

    private static Operation.Starter starter(ClientOptions options) {
        byte[] cluster = Text.orNull(options.cluster, "The cluster");
        byte[] credential = Text.orNull(options.credential, "The credential");
        byte[] credentialPath = options.credentialPath == null ? null : Text.path(options.credentialPath);
        return (operation, started) -> Native.clientOpenStart(
            operation, started, cluster, credential, credentialPath, options.requestTimeoutMs, options.memoryBytesMax);
    }

    private Operation.Starter putStarter(Memory data, PutOptions options) {
        byte[] name = options.nameBytes();
        return (operation, started) -> Native.clientPutStart(
            operation, started, handle.get(), data.object, data.where, data.length, options.dataShards, options.parityShards,
            options.suite.code(), options.compression.code(), options.deduplicate, name, options.progress != null);
    }

    private Operation.Starter putFileStarter(Path path, PutOptions options) {
        byte[] bytes = Text.path(path);
        byte[] name = options.nameBytes();
        return (operation, started) -> Native.clientPutFileStart(
            operation, started, handle.get(), bytes, options.dataShards, options.parityShards, options.suite.code(),
            options.compression.code(), options.deduplicate, name, options.progress != null);
    }

    private Operation.Starter getFileStarter(String capability, Path path, GetOptions options) {
        byte[] text = capability(capability);
        byte[] bytes = Text.path(path);
        return (operation, started) -> Native.clientGetFileStart(
            operation, started, handle.get(), bytes, text, options.overwrite, options.progress != null);
    }

    private Operation.Starter readStarter(String capability, long offset, Memory dst) {
        byte[] text = capability(capability);
        ObjectHandle.mustNotBeNegative(offset);
        return (operation, started) -> Native.clientReadStart(
            operation, started, handle.get(), dst.object, dst.where, dst.length, text, offset);
    }

    private Operation.Starter objectStarter(String capability) {
        byte[] text = capability(capability);
        return (operation, started) -> Native.objectOpenStart(operation, started, handle.get(), text);
    }

    private Operation.Starter verifyStarter(String capability, ProgressListener progress) {
        byte[] text = capability(capability);
        return (operation, started) -> Native.clientVerifyStart(operation, started, handle.get(), text, progress != null);
    }

    private Operation.Starter repairStarter(String capability, ProgressListener progress) {
        byte[] text = capability(capability);
        return (operation, started) -> Native.clientRepairStart(operation, started, handle.get(), text, progress != null);
    }

    private static byte[] capability(String capability) {
        return Text.bytes(Objects.requireNonNull(capability, "capability"), "The capability");
    }
}
