package org.megatorrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongConsumer;

/**
 * An operation of the library that is under way. The library tells it of progress and of the end on threads of its own; there the news are
 * only written down.
 *
 * <p>A thread that waits in {@link #await} comes for them, and calls the listener itself; the library's thread waits meanwhile, so that a
 * listener which throws ends the operation there and then. Closing the client lets the library's thread go first: the listener may be what
 * closes it.
 *
 * <p>An operation with a future has its executor come, one task at a time, so that the listener is never called twice at once and never
 * after the future is complete. The library does not wait for an executor, which may be busy for long: steps that come faster than the
 * listener takes them are skipped.
 */
final class Operation<T> {
    /** Calls one of the native start methods. */
    interface Starter {
        int start(Operation<?> operation, long[] handle);
    }

    /** Makes the result of an operation that succeeded. */
    interface Mapper<T> {
        T map(Outcome outcome);
    }

    /** What the library gave: a capability, a length or handle, numbers; whatever the kind of operation has. */
    record Outcome(byte[] text, long value, long[] numbers) {
        String capability() {
            return Text.of(text);
        }
    }

    private final Object needed;
    private final ProgressListener listener;
    private final Mapper<T> mapper;
    private final Executor executor;
    private final CompletableFuture<T> future;

    /** The thread that waits, or will; null with a future. */
    private final Thread waiter;

    /** What becomes of the handle that an operation has opened when nobody waits for it any more. */
    private final LongConsumer unwanted;

    // Guarded by this.
    private long handle;
    private boolean cancelled;
    private boolean scheduled;
    private boolean progressed;
    private long bytesDone;
    private long bytesTotal;
    private boolean ended;
    private int code;
    private byte[] detail;
    private Outcome outcome;

    /** Touched only by whoever calls the listener. */
    private Throwable listenerFailure;

    private Operation(Object needed, ProgressListener listener, Mapper<T> mapper, Executor executor, LongConsumer unwanted) {
        this.needed = needed;
        this.listener = listener;
        this.mapper = mapper;
        this.executor = executor;
        this.unwanted = unwanted;
        future = executor == null ? null : new CompletableFuture<>();
        waiter = executor == null ? Thread.currentThread() : null;
    }

    /**
     * Starts an operation and waits for its end. An interrupt cancels it; whatever happens, when this returns the library uses nothing of
     * the caller's any more.
     *
     * @param needed what must stay reachable meanwhile
     */
    static <T> T await(Object needed, Starter starter, Mapper<T> mapper) throws MegatorrentException {
        Operation<T> operation = new Operation<>(needed, null, mapper, null, null);
        operation.start(starter);
        return operation.await();
    }

    /** The same, for an operation of a client that tells of its progress. */
    static <T> T await(Client client, ProgressListener listener, Starter starter, Mapper<T> mapper) throws MegatorrentException {
        Operation<T> operation = new Operation<>(client, listener, mapper, null, null);
        client.enter(operation);
        try {
            operation.start(starter);
            return operation.await();
        } finally {
            client.leave(operation);
        }
    }

    /** Starts an operation. Whoever completes the future before it ends, such as {@code cancel} or {@code orTimeout}, cancels it. */
    static <T> CompletableFuture<T> submit(
        Object needed, Executor executor, ProgressListener listener, Starter starter, Mapper<T> mapper) {
        return submit(needed, executor, listener, starter, mapper, null);
    }

    /** The same, for an operation that opens something. */
    static <T> CompletableFuture<T> submit(
        Object needed, Executor executor, ProgressListener listener, Starter starter, Mapper<T> mapper, LongConsumer unwanted) {
        Operation<T> operation = new Operation<>(needed, listener, mapper, executor, unwanted);
        try {
            operation.start(starter);
        } catch (MegatorrentException exception) {
            operation.future.completeExceptionally(exception);
            return operation.future;
        }
        operation.future.whenComplete((result, failure) -> operation.cancel());
        return operation.future;
    }

    private void start(Starter starter) throws MegatorrentException {
        long[] started = new long[1];
        Check.status(starter.start(this, started));
        boolean late;
        synchronized (this) {
            handle = started[0];
            late = cancelled;
        }
        if (late) {
            Native.operationCancel(started[0]);
        }
    }

    /** Asks the operation to end, and lets a thread of the library that waits for the listener go. */
    void cancel() {
        long current;
        synchronized (this) {
            if (ended || cancelled) {
                return;
            }
            cancelled = true;
            notifyAll();
            current = handle;
        }
        // Ended meanwhile: the library knows the handle no more, and nothing happens. Not started yet: start() sees to it.
        if (current != 0) {
            Native.operationCancel(current);
        }
    }

    // Called by the library. Neither may throw.

    private boolean progress(long done, long total) {
        synchronized (this) {
            if (cancelled) {
                return false;
            }
        }
        if (Thread.currentThread() == waiter) {
            // The library is still, or again, in a call of ours: nobody else would come.
            tell(done, total);
            return listenerFailure == null;
        }
        synchronized (this) {
            bytesDone = done;
            bytesTotal = total;
            progressed = true;
            notifyAll();
            if (executor == null) {
                return taken();
            }
        }
        schedule();
        return true;
    }

    /** Waits, holding the lock, until the listener has returned; false if the operation is to end. */
    private boolean taken() {
        boolean interrupted = false;
        while (progressed && !cancelled) {
            try {
                wait();
            } catch (InterruptedException exception) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !cancelled;
    }

    private void completed(int endCode, byte[] endDetail, byte[] text, long value, long[] numbers) {
        synchronized (this) {
            code = endCode;
            detail = endDetail;
            outcome = new Outcome(text, value, numbers);
            ended = true;
            notifyAll();
        }
        schedule();
    }

    private T await() throws MegatorrentException {
        boolean interrupted = false;
        while (true) {
            boolean tell;
            long done;
            long total;
            synchronized (this) {
                try {
                    while (!progressed && !ended) {
                        wait();
                    }
                } catch (InterruptedException exception) {
                    interrupted = true;
                }
                progressed &= !cancelled;
                tell = progressed;
                done = bytesDone;
                total = bytesTotal;
                if (!tell && ended) {
                    break;
                }
            }
            if (interrupted) {
                cancel();
            }
            if (tell) {
                tell(done, total);
                // A listener may interrupt its own thread, and that must not come too late.
                if (Thread.interrupted()) {
                    interrupted = true;
                    cancel();
                }
                synchronized (this) {
                    progressed = false;
                    notifyAll();
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (listenerFailure instanceof Error error) {
            throw error;
        }
        if (listenerFailure instanceof RuntimeException exception) {
            throw exception;
        }
        if (listenerFailure != null) {
            throw new IllegalStateException("The progress listener has thrown what it does not declare.", listenerFailure);
        }
        if (code != 0) {
            throw interrupted && code == Status.CANCELED.code()
                ? new MegatorrentException(code, "The thread was interrupted while it waited.")
                : failure();
        }
        return mapper.map(outcome);
    }

    private void schedule() {
        if (executor == null) {
            return;
        }
        synchronized (this) {
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        // An executor that was shut down, or memory that has run out, must not keep the future from its end.
        try {
            executor.execute(this::deliver);
        } catch (Throwable refused) {
            try {
                ForkJoinPool.commonPool().execute(this::deliver);
            } catch (Throwable refusedAgain) {
                deliver();
            }
        }
    }

    private void deliver() {
        while (true) {
            long done;
            long total;
            synchronized (this) {
                progressed &= !cancelled;
                if (!progressed) {
                    if (ended) {
                        break;
                    }
                    scheduled = false;
                    return;
                }
                progressed = false;
                done = bytesDone;
                total = bytesTotal;
            }
            tell(done, total);
        }
        complete();
    }

    private void tell(long done, long total) {
        if (listenerFailure != null) {
            return;
        }
        try {
            listener.progress(done, total);
        } catch (Throwable failure) {
            listenerFailure = failure;
            cancel();
        }
    }

    private void complete() {
        if (code == 0 && future.isDone()) {
            if (unwanted != null) {
                unwanted.accept(outcome.value());
            }
        } else if (listenerFailure != null) {
            future.completeExceptionally(listenerFailure);
        } else if (code != 0) {
            future.completeExceptionally(failure());
        } else {
            succeed();
        }
    }

    private void succeed() {
        T result;
        try {
            result = mapper.map(outcome);
        } catch (Throwable failure) {
            future.completeExceptionally(failure);
            return;
        }
        // Cancelled just now: nobody takes the client or object that was opened.
        if (!future.complete(result) && result instanceof AutoCloseable opened) {
            close(opened);
        }
    }

    private MegatorrentException failure() {
        return new MegatorrentException(code, detail == null ? "" : Text.of(detail));
    }

    private static void close(AutoCloseable opened) {
        try {
            opened.close();
        } catch (Exception exception) {
            throw new IllegalStateException(exception);
        }
    }
}
