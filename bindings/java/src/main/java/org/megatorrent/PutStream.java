package org.megatorrent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts a file whose length need not be known: write it, close the stream, take the {@link #capability}.
 *
 * <pre>{@code
 * PutStream stream = client.newOutputStream(PutOptions.DEFAULT);
 * try (stream) {
 *     source.transferTo(stream);
 * }
 * String capability = stream.capability();
 * }</pre>
 *
 * <p>{@link #close} ends the file and waits until it is stored; {@link #abort} gives it up. After a failure the stream takes nothing more,
 * and closing it gives the file up. An interrupt of a thread that waits here fails it with {@link Status#CANCELED}.
 */
public final class PutStream extends OutputStream {
    private static final int BUFFER_LENGTH = 256 << 10;

    private final Handle handle;

    /** Where the library writes the result; given back only when nobody is ending the file. */
    private final Handle resultMemory;
    private final ProgressListener progress;

    /** Held by whoever writes or ends the file; abort does not need it, and ends their wait. */
    private final ReentrantLock lock = new ReentrantLock();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private long bytesTaken;
    private boolean ended;
    private volatile PutResult result;

    PutStream(long upload, long resultMemory, ProgressListener progress) {
        this.progress = progress;
        handle = new Handle(this, "stream", upload, Native::uploadDestroy);
        this.resultMemory = new Handle(this, "stream", resultMemory, Native::uploadResultRelease);
    }

    /**
     * Writes one byte.
     *
     * @param value the byte, in the lowest 8 bits
     * @throws IOException as {@link #write(byte[], int, int)} does
     */
    @Override
    public void write(int value) throws IOException {
        lock.lock();
        try {
            mustBeOpen();
            buffer.put((byte) value);
            if (!buffer.hasRemaining()) {
                send();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes bytes; waits while too much is under way.
     *
     * @param src the array
     * @param offset index of the first byte
     * @param length how many bytes
     * @throws IOException if the stream was closed; a {@link MegatorrentException} if the bytes cannot be stored
     */
    @Override
    public void write(byte[] src, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, src.length);
        lock.lock();
        try {
            mustBeOpen();
            for (int done = 0; done < length; ) {
                int count = Math.min(length - done, buffer.remaining());
                buffer.put(src, offset + done, count);
                done += count;
                if (!buffer.hasRemaining()) {
                    send();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands on what was written. It is not acknowledged before the file has ended.
     *
     * @throws IOException as {@link #write(byte[], int, int)} does
     */
    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            mustBeOpen();
            send();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the file and waits until it is stored, as {@link Client#put(ByteBuffer, PutOptions)} does; after {@link #abort} or a failure,
     * gives it up. Closing twice does nothing.
     *
     * @throws IOException a {@link MegatorrentException} if the file cannot be stored
     */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (!ended && handle.isOpen()) {
                send();
                ended = true;
                result = wait(
                    (operation, started) -> Native.uploadFinishStart(operation, started, handle.get(), resultMemory.get()), PutResult::of);
            }
        } finally {
            ended = true;
            handle.close();
            resultMemory.close();
            lock.unlock();
        }
    }

    /** Gives the file up: nothing is acknowledged. A thread that waits in another method of the stream fails. Does nothing after close. */
    public void abort() {
        handle.close();
    }

    /**
     * Returns what reads the file; a secret.
     *
     * @return the capability
     * @throws IllegalStateException if the stream was not closed yet, or the file was not stored
     */
    public String capability() {
        return result().capability();
    }

    /**
     * Returns what was stored.
     *
     * @return what was stored
     * @throws IllegalStateException if the stream was not closed yet, or the file was not stored
     */
    public PutResult result() {
        PutResult stored = result;
        if (stored == null) {
            throw new IllegalStateException("The file is not stored: the stream was not closed, or it failed.");
        }
        return stored;
    }

    private void send() throws IOException {
        int length = buffer.position();
        if (length == 0) {
            return;
        }
        boolean sent = false;
        try {
            wait(
                (operation, started) -> Native.uploadWriteStart(operation, started, handle.get(), buffer, ~0, length), outcome -> outcome);
            buffer.clear();
            bytesTaken += length;
            if (progress != null) {
                progress.progress(bytesTaken, ProgressListener.UNKNOWN);
            }
            sent = true;
        } finally {
            ended |= !sent;
        }
    }

    private <T> T wait(Operation.Starter starter, Operation.Mapper<T> mapper) throws IOException {
        try {
            return Operation.await(this, starter, mapper);
        } catch (IllegalStateException exception) {
            throw new IOException("The stream was given up.", exception);
        }
    }

    private void mustBeOpen() throws IOException {
        if (ended || !handle.isOpen()) {
            throw new IOException("The stream is closed, or has failed.");
        }
    }
}
