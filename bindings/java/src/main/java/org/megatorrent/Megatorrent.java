package org.megatorrent;

import java.util.Objects;

/**
 * The library as a whole: which one it is, and what it has to say.
 *
 * <p>The jar carries the library for Linux on x86-64 with glibc, in a build for AVX2 and one for AVX-512, of which the dynamic loader takes
 * the one that suits the processor. At the first use of any class they are unpacked into {@code megatorrent/java} in the user's cache
 * folder ({@code XDG_CACHE_HOME}, else {@code ~/.cache}), which may be deleted at any time; where that folder is not safe or cannot be
 * written, into a temporary one that is gone again at once. The system property {@value #LIBRARY_PATH} or the environment variable
 * {@value #LIBRARY_PATH_VARIABLE} names a folder whose {@code libmegatorrent.so} is used instead. If the library cannot be loaded the first
 * use throws an {@link UnsatisfiedLinkError} that says why, and later ones a {@link NoClassDefFoundError}.
 */
public final class Megatorrent {
    /** The system property that names the folder of an installed library. */
    public static final String LIBRARY_PATH = "org.megatorrent.library.path";

    /** The environment variable that does the same; the property goes first. */
    public static final String LIBRARY_PATH_VARIABLE = "MEGATORRENT_LIBRARY_PATH";

    private static final Object LOCK = new Object();
    private static LogSink sink;

    private Megatorrent() {
    }

    /**
     * Returns the version of the library, for people.
     *
     * @return the version, such as {@code 0.1.0}
     */
    public static String version() {
        return Native.versionString();
    }

    /**
     * Returns the version of the library's C interface. Loading has checked that this jar can use it.
     *
     * @return the major part times 65,536, and the minor part
     */
    public static int abiVersion() {
        return Native.abiVersion();
    }

    /**
     * Returns which build of the library is in use, and what it makes use of.
     *
     * @return the processor
     */
    public static Processor processor() {
        return new Processor(Native.processorLevel(), Native.processorKernels());
    }

    /**
     * Sends what the library has to say to a listener, on a thread of {@link java.util.concurrent.ForkJoinPool#commonPool}; one listener at
     * most is set, for the whole process.
     *
     * @param level the lines that matter least and are still wanted
     * @param listener the listener; null for none, which is how it begins
     */
    public static void setLogListener(LogLevel level, LogListener listener) {
        Objects.requireNonNull(level, "level");
        LogSink next = listener == null ? null : new LogSink(listener);
        LogSink last;
        synchronized (LOCK) {
            Check.sure(Native.logSet(next, level.code()));
            last = sink;
            sink = next;
        }
        // Without the lock: the listener that is waited for may be setting another one.
        if (last != null) {
            last.close();
        }
    }
}
