package org.megatorrent;

/**
 * Is told how far an operation is. Calls for one operation never overlap, and none comes after the operation has ended; steps that come
 * faster than they are taken are skipped. With a method that waits, the listener is called on the thread that waits; else on the executor
 * of the client. A listener that throws cancels the operation, which then fails with what was thrown.
 */
@FunctionalInterface
public interface ProgressListener {
    /** The total while it is not known. */
    long UNKNOWN = -1;

    /**
     * Takes one step.
     *
     * @param bytesDone bytes that are done
     * @param bytesTotal bytes in all, or {@link #UNKNOWN}
     */
    void progress(long bytesDone, long bytesTotal);
}
