package org.megatorrent;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** Takes log lines on threads of the library and hands them to a listener on other ones, in order. */
final class LogSink {
    /** Lines that wait for the listener; more are dropped, so that a slow listener costs lines and not memory. */
    static final int WAITING_MAX = 4096;

    private final LogListener listener;
    private final Executor executor;

    // Guarded by this.
    private final ArrayDeque<Line> waiting = new ArrayDeque<>();
    private long dropped;
    private boolean scheduled;
    private boolean closed;

    /** The thread that is inside the listener. */
    private Thread teller;

    private record Line(int level, byte[] message) {
    }

    LogSink(LogListener listener) {
        this.listener = listener;
        executor = ForkJoinPool.commonPool();
    }

    /** Called by the library. */
    private void line(int level, byte[] message) {
        synchronized (this) {
            if (waiting.size() == WAITING_MAX) {
                dropped++;
                return;
            }
            waiting.add(new Line(level, message));
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        try {
            executor.execute(this::deliver);
        } catch (Throwable failure) {
            // Out of memory: the next line tries again.
            synchronized (this) {
                scheduled = false;
            }
        }
    }

    /** Ends it: nothing that waits is delivered any more. Waits for the listener, unless it is what calls this. */
    synchronized void close() {
        boolean interrupted = false;
        closed = true;
        waiting.clear();
        while (teller != null && teller != Thread.currentThread()) {
            try {
                wait();
            } catch (InterruptedException exception) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver() {
        while (true) {
            Line line;
            long lost;
            synchronized (this) {
                teller = null;
                notifyAll();
                line = waiting.poll();
                lost = dropped;
                dropped = 0;
                if (line == null || closed) {
                    scheduled = false;
                    return;
                }
                teller = Thread.currentThread();
            }
            tell(LogLevel.of(line.level), Text.of(line.message));
            if (lost > 0) {
                tell(LogLevel.WARNING, lost + " lines of the log were dropped: the listener is too slow.");
            }
        }
    }

    private void tell(LogLevel level, String message) {
        try {
            listener.log(level, message);
        } catch (Throwable ignored) {
            // Nobody waits for a log line, and the next one may be taken.
        }
    }
}
