package org.megatorrent;

/**
 * Is told how far an operation is. Calls for one operation never overlap, and none comes after the operation has ended. A listener that
 * throws cancels the operation, which then fails with what was thrown.
 *
 * <p>With a method that waits, the listener is called on the thread that waits, and the operation waits for it. With a future it is called
 * on the executor of the client, and the operation goes on: steps that come faster than they are taken are skipped, and what a listener
 * throws may come too late to end anything but the future.
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
