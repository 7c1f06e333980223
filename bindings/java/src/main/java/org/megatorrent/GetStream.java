package org.megatorrent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/** Reads what a download brings. */
final class GetStream extends InputStream {
    /** A length. */
    static final long TO_THE_END = -1;

    private static final int BUFFER_LENGTH = 256 << 10;

    private final Handle handle;

    /** Held by whoever reads; close does not need it, and ends the wait of a reader. */
    private final ReentrantLock lock = new ReentrantLock();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH).limit(0);

    GetStream(long created) {
        handle = new Handle(this, "stream", created, Native::downloadDestroy);
    }

    @Override
    public int read() throws IOException {
        lock.lock();
        try {
            return fill() ? buffer.get() & 0xff : -1;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(byte[] dst, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dst.length);
        lock.lock();
        try {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, buffer.remaining());
            buffer.get(dst, offset, count);
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return handle.isOpen() ? buffer.remaining() : 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        handle.close();
    }

    /** Fills an array from here on. */
    void readAll(byte[] dst) throws MegatorrentException {
        lock.lock();
        try {
            for (int done = 0; done < dst.length; ) {
                if (!buffer.hasRemaining() && !next()) {
                    throw new MegatorrentException(Status.INTEGRITY, "The object ended after " + done + " of " + dst.length + " bytes.");
                }
                int count = Math.min(dst.length - done, buffer.remaining());
                buffer.get(dst, done, count);
                done += count;
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean fill() throws IOException {
        if (handle.isOpen()) {
            try {
                return buffer.hasRemaining() || next();
            } catch (MegatorrentException | IllegalStateException exception) {
                if (handle.isOpen()) {
                    throw exception;
                }
                // Closed while we waited: that is what there is to say.
            }
        }
        throw new IOException("The stream is closed.");
    }

    private boolean next() throws MegatorrentException {
        int length = Operation.await(
            this,
            (operation, started) -> Native.downloadReadStart(operation, started, handle.get(), buffer, ~0, BUFFER_LENGTH),
            outcome -> (int) outcome.value());
        buffer.position(0).limit(length);
        return length > 0;
    }
}
