package org.megatorrent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** How to reach a cluster. Immutable. */
public final class ClientOptions {
    /** Everything as {@link Builder} has it at first. */
    public static final ClientOptions DEFAULT = builder().build();

    final String cluster;
    final String credential;
    final Path credentialPath;
    final int requestTimeoutMs;
    final long memoryBytesMax;
    final Executor executor;

    private ClientOptions(Builder builder) {
        cluster = builder.cluster;
        credential = builder.credential;
        credentialPath = builder.credentialPath;
        requestTimeoutMs = builder.requestTimeoutMs;
        memoryBytesMax = builder.memoryBytesMax;
        executor = builder.executor;
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Makes options. */
    public static final class Builder {
        private String cluster;
        private String credential;
        private Path credentialPath;
        private int requestTimeoutMs;
        private long memoryBytesMax;
        private Executor executor = ForkJoinPool.commonPool();

        private Builder() {
        }

        /**
         * Sets the nodes by which the cluster is reached. By default, as for the program {@code megatorrent}: those in the environment
         * variable {@code MEGATORRENT_CLUSTER}, else the cluster that {@code megatorrent cluster up} left running on this machine, else the
         * nodes that the credential names.
         *
         * @param value {@code HOST:PORT}, or several parted by commas; null for the default
         * @return this
         */
        public Builder cluster(String value) {
            cluster = value;
            return this;
        }

        /**
         * Sets the credential. By default: the environment variable {@code MEGATORRENT_CREDENTIAL} (a file, or the credential itself), else
         * the one in the user's configuration folder.
         *
         * @param value the credential itself, {@code mtcred1:...}; null for the default
         * @return this
         */
        public Builder credential(String value) {
            credential = value;
            return this;
        }

        /**
         * Sets the file that holds the credential.
         *
         * @param value the file; null for the default
         * @return this
         */
        public Builder credentialPath(Path value) {
            credentialPath = value;
            return this;
        }

        /**
         * Sets how long one request may make no progress before another node is asked; 15 seconds by default.
         *
         * @param value the time, from 1 millisecond to 2^31 - 1
         * @return this
         * @throws IllegalArgumentException if it is not in this range
         */
        public Builder requestTimeout(Duration value) {
            if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
                throw new IllegalArgumentException("A request timeout is from 1 to 2,147,483,647 ms, not " + value + ".");
            }
            requestTimeoutMs = (int) value.toMillis();
            return this;
        }

        /**
         * Sets the memory for stripes under way, in each direction; 96 MiB by default.
         *
         * @param value bytes, at least 1
         * @return this
         * @throws IllegalArgumentException if it is less
         */
        public Builder memoryBytesMax(long value) {
            if (value < 1) {
                throw new IllegalArgumentException("The memory for stripes is at least 1 byte, not " + value + ".");
            }
            memoryBytesMax = value;
            return this;
        }

        /**
         * Sets where listeners are called and futures completed; {@link ForkJoinPool#commonPool} by default. It must run its tasks on
         * threads of its own: one that runs them where they are handed in would run them on threads of the library. Whoever waits for a
         * future on a thread of the executor waits for ever if it has no other.
         *
         * @param value the executor
         * @return this
         */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value, "executor");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         */
        public ClientOptions build() {
            return new ClientOptions(this);
        }
    }
}
