package org.megatorrent;

import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What is behind a capability, opened once to be read at any place. A directory has the content of its files, one after the other. */
public final class ObjectHandle implements AutoCloseable {
    private final Executor executor;
    private final Handle handle;

    ObjectHandle(long opened, Executor executor) {
        this.executor = executor;
        handle = new Handle(this, "object", opened, Native::objectDestroy);
    }

    /**
     * What an object is.
     *
     * @param kind {@link ObjectKind#FILE} or {@link ObjectKind#DIRECTORY}
     * @param name its name, without a path
     * @param mode permission bits, as {@code chmod} has them
     * @param modified time of the last change
     * @param length bytes of the content
     * @param entries number of entries of a directory, else 0
     */
    public record Info(ObjectKind kind, String name, int mode, Instant modified, long length, int entries) {
    }

    /** What an entry of a directory is. */
    public enum EntryKind {
        /** A file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        LINK;

        private static final EntryKind[] VALUES = values();
    }

    /**
     * An entry of a directory.
     *
     * @param path its path below the directory, with '/' between the parts; where a name is no UTF-8, with replacement characters
     * @param kind what it is
     * @param mode permission bits
     * @param modified time of the last change
     * @param length bytes of a file, else 0
     * @param offset of a file: where its bytes begin in the content of the directory
     */
    public record Entry(String path, EntryKind kind, int mode, Instant modified, long length, long offset) {
    }

    /**
     * Returns what the object is.
     *
     * @return what it is
     * @throws MegatorrentException {@link Status#CANCELED}: the client was closed
     */
    public Info info() throws MegatorrentException {
        long[] numbers = new long[5];
        int[] status = new int[1];
        byte[] name;
        try {
            Check.status(Native.objectGetInfo(handle.get(), numbers));
            name = Native.objectGetName(handle.get(), status);
        } finally {
            Reference.reachabilityFence(this);
        }
        Check.status(status[0]);
        return new Info(
            ObjectKind.of(numbers[0]), Text.of(name), (int) numbers[1], Times.of(numbers[4]), numbers[3], (int) numbers[2]);
    }

    /**
     * Returns an entry of a directory, in the order of their paths.
     *
     * @param index which one
     * @return the entry
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: there is no such entry; {@link Status#CANCELED}: the client was closed
     */
    public Entry entry(int index) throws MegatorrentException {
        long[] numbers = new long[5];
        int[] status = new int[1];
        byte[] path;
        try {
            Check.status(Native.objectGetEntry(handle.get(), numbers, index));
            path = Native.objectGetEntryPath(handle.get(), status, index);
        } finally {
            Reference.reachabilityFence(this);
        }
        Check.status(status[0]);
        return new Entry(
            Text.of(path), EntryKind.VALUES[(int) numbers[0] - 1], (int) numbers[1], Times.of(numbers[4]), numbers[2], numbers[3]);
    }

    /**
     * Returns all entries of a directory, in the order of their paths.
     *
     * @return the entries; none for a file
     * @throws MegatorrentException {@link Status#CANCELED}: the client was closed
     */
    public List<Entry> entries() throws MegatorrentException {
        int count = info().entries();
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(i));
        }
        return entries;
    }

    /**
     * Reads content from an offset on, as far as the buffer or the content goes.
     *
     * @param offset where to begin, from 0 to the end of the content
     * @param dst takes the bytes; a direct one in place
     * @return how many bytes were read; fewer than remained only at the end of the content
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: the offset is beyond the end; and as every operation of a
     *     {@link Client} can
     * @throws IllegalArgumentException if the offset is below 0
     */
    public int read(long offset, ByteBuffer dst) throws MegatorrentException {
        Memory memory = Memory.toWrite(dst);
        int length = Operation.await(this, starter(offset, memory), outcome -> (int) outcome.value());
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Reads content from an offset on, without waiting; see {@link #read}.
     *
     * @param offset where to begin
     * @param dst takes the bytes, and is not to be used until the operation has ended; its position moves then, unless it was cancelled
     * @return how many bytes were read
     */
    public CompletableFuture<Integer> readAsync(long offset, ByteBuffer dst) {
        Memory memory = Memory.toWrite(dst);
        return Operation.submit(this, executor, null, starter(offset, memory), outcome -> Client.advance(dst, outcome));
    }

    /**
     * Opens a stream that reads the content from its beginning on, ahead of the reader.
     *
     * @return the stream, which lives on when the object is closed; a reader that waits is interrupted by {@code close}
     * @throws MegatorrentException {@link Status#CANCELED}: the client was closed
     */
    public InputStream newInputStream() throws MegatorrentException {
        return newGetStream(0, GetStream.TO_THE_END);
    }

    /**
     * Opens a stream that reads a part of the content, ahead of the reader.
     *
     * @param offset where the part begins
     * @param length how many bytes it has; it is cut at the end of the content
     * @return the stream, which lives on when the object is closed; a reader that waits is interrupted by {@code close}
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: the offset is beyond the end; {@link Status#CANCELED}: the client was
     *     closed
     * @throws IllegalArgumentException if offset or length are below 0
     */
    public InputStream newInputStream(long offset, long length) throws MegatorrentException {
        mustNotBeNegative(offset);
        if (length < 0) {
            throw new IllegalArgumentException("The length is " + length + ", which is below 0.");
        }
        return newGetStream(offset, length);
    }

    /**
     * Opens a channel that reads at any place of the content. It cannot be written to.
     *
     * @return the channel, which ends with the object
     * @throws MegatorrentException {@link Status#CANCELED}: the client was closed
     */
    public SeekableByteChannel newByteChannel() throws MegatorrentException {
        return new ObjectChannel(this, false);
    }

    /** Closes the object; streams that came from it live on. */
    @Override
    public void close() {
        handle.close();
    }

    boolean isOpen() {
        return handle.isOpen();
    }

    GetStream newGetStream(long offset, long length) throws MegatorrentException {
        long[] created = new long[1];
        try {
            Check.status(Native.downloadCreate(created, handle.get(), offset, length));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new GetStream(created[0]);
    }

    static void mustNotBeNegative(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("The offset is " + offset + ", which is below 0.");
        }
    }

    private Operation.Starter starter(long offset, Memory dst) {
        mustNotBeNegative(offset);
        return (operation, started) -> Native.objectReadStart(
            operation, started, handle.get(), dst.object, dst.where, dst.length, offset);
    }
}
