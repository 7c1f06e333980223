package org.megatorrent;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Owns one handle of the library and destroys it once: when it is closed, or some time after its owner has become unreachable. The library
 * knows a destroyed handle from a live one, so no call needs to be counted while it is under way; but whoever uses the value keeps its
 * owner reachable until the call has returned.
 */
final class Handle {
    private static final Cleaner CLEANER = Cleaner.create();

    private final String what;
    private final Value value;
    private final Cleaner.Cleanable cleanable;

    /** destroy must not hold the owner. */
    Handle(Object owner, String what, long value, LongConsumer destroy) {
        this.what = what;
        this.value = new Value(value, destroy);
        cleanable = CLEANER.register(owner, this.value);
    }

    /** The handle, for one call. */
    long get() {
        long current = value.handle.get();
        if (current == 0) {
            throw new IllegalStateException("The " + what + " is closed.");
        }
        return current;
    }

    boolean isOpen() {
        return value.handle.get() != 0;
    }

    void close() {
        cleanable.clean();
    }

    private static final class Value implements Runnable {
        final AtomicLong handle;
        private final LongConsumer destroy;

        Value(long handle, LongConsumer destroy) {
            this.handle = new AtomicLong(handle);
            this.destroy = destroy;
        }

        @Override
        public void run() {
            long last = handle.getAndSet(0);
            if (last != 0) {
                destroy.accept(last);
            }
        }
    }
}
