package org.megatorrent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads an object at any place. What is at the position is fetched by the window, so that small reads one after the other do not each ask
 * the network; a read of a window or more into a direct buffer goes straight there.
 */
final class ObjectChannel implements SeekableByteChannel {
    private static final int WINDOW_LENGTH = 1 << 20;

    private final ObjectHandle object;
    private final boolean owned;
    private final long size;

    /** Held by whoever reads; close does not need it, and ends the wait of a reader. */
    private final ReentrantLock lock = new ReentrantLock();
    private ByteBuffer window;
    private long windowOffset;
    private long position;
    private volatile boolean closed;

    ObjectChannel(ObjectHandle object, boolean owned) throws MegatorrentException {
        this.object = object;
        this.owned = owned;
        try {
            size = object.info().length();
        } catch (MegatorrentException | RuntimeException exception) {
            if (owned) {
                object.close();
            }
            throw exception;
        }
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        if (dst.isReadOnly()) {
            throw new IllegalArgumentException("The buffer cannot be written to.");
        }
        lock.lock();
        try {
            mustBeOpen();
            if (!dst.hasRemaining()) {
                return 0;
            }
            if (position >= size) {
                return -1;
            }
            int count = readAt(dst);
            position += count;
            return count;
        } catch (MegatorrentException | IllegalStateException exception) {
            if (isOpen()) {
                throw exception;
            }
            throw new AsynchronousCloseException();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        mustBeOpen();
        throw new NonWritableChannelException();
    }

    @Override
    public long position() throws IOException {
        mustBeOpen();
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        mustBeOpen();
        ObjectHandle.mustNotBeNegative(newPosition);
        lock.lock();
        try {
            position = newPosition;
        } finally {
            lock.unlock();
        }
        return this;
    }

    @Override
    public long size() throws IOException {
        mustBeOpen();
        return size;
    }

    @Override
    public SeekableByteChannel truncate(long newSize) throws IOException {
        mustBeOpen();
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return !closed && object.isOpen();
    }

    @Override
    public void close() {
        closed = true;
        if (owned) {
            object.close();
        }
    }

    private int readAt(ByteBuffer dst) throws MegatorrentException {
        boolean inWindow = window != null && position >= windowOffset && position < windowOffset + window.limit();
        if (!inWindow && dst.isDirect() && dst.remaining() >= WINDOW_LENGTH) {
            return object.read(position, dst);
        }
        if (!inWindow) {
            if (window == null) {
                window = ByteBuffer.allocateDirect(WINDOW_LENGTH);
            }
            // Empty in case the read fails.
            window.position(0).limit(0);
            ByteBuffer fresh = window.duplicate().clear();
            object.read(position, fresh);
            window.limit(fresh.position());
            windowOffset = position;
        }
        int from = (int) (position - windowOffset);
        int count = Math.min(dst.remaining(), window.limit() - from);
        dst.put(window.duplicate().position(from).limit(from + count));
        return count;
    }

    private void mustBeOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }
}
