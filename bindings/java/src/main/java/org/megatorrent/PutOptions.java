package org.megatorrent;

import java.util.Objects;

/** How to put an object. Immutable. */
public final class PutOptions {
    /** Everything as {@link Builder} has it at first. */
    public static final PutOptions DEFAULT = builder().build();

    final int dataShards;
    final int parityShards;
    final Suite suite;
    final Compression compression;
    final boolean deduplicate;
    final String name;
    final ProgressListener progress;

    private PutOptions(Builder builder) {
        dataShards = builder.dataShards;
        parityShards = builder.parityShards;
        suite = builder.suite;
        compression = builder.compression;
        deduplicate = builder.deduplicate;
        name = builder.name;
        progress = builder.progress;
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    byte[] nameBytes() {
        return Text.orNull(name, "The name");
    }

    /** Makes options. */
    public static final class Builder {
        private int dataShards;
        private int parityShards;
        private Suite suite = Suite.AES_256_GCM;
        private Compression compression = Compression.ZSTD;
        private boolean deduplicate;
        private String name;
        private ProgressListener progress;

        private Builder() {
        }

        /**
         * Sets how many blobs a stripe has; 4 and 2 by default.
         *
         * @param data k, at least 1
         * @param parity m, at least 0; k + m is at most {@link ReedSolomon#SHARDS_MAX}
         * @return this
         * @throws IllegalArgumentException if they are out of range
         */
        public Builder shards(int data, int parity) {
            if (data < 1 || parity < 0 || (long) data + parity > ReedSolomon.SHARDS_MAX) {
                throw new IllegalArgumentException("No stripe has " + data + " data and " + parity + " parity blobs.");
            }
            dataShards = data;
            parityShards = parity;
            return this;
        }

        /**
         * Sets the cipher; AES-256-GCM by default.
         *
         * @param value the cipher
         * @return this
         */
        public Builder suite(Suite value) {
            suite = Objects.requireNonNull(value, "suite");
            return this;
        }

        /**
         * Sets the compression; zstd by default.
         *
         * @param value the compression
         * @return this
         */
        public Builder compression(Compression value) {
            compression = Objects.requireNonNull(value, "compression");
            return this;
        }

        /**
         * Sets whether chunks are cut by content, and equal ones under one credential stored once; false by default.
         *
         * @param value whether they are
         * @return this
         */
        public Builder deduplicate(boolean value) {
            deduplicate = value;
            return this;
        }

        /**
         * Sets the name of the object where it has no path; {@code data} by default.
         *
         * @param value the name of a file, without a path; null for the default
         * @return this
         */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /**
         * Sets who is told how far the put is. An output stream tells it, on the thread that writes, what it has taken.
         *
         * @param value the listener; null for none
         * @return this
         */
        public Builder progress(ProgressListener value) {
            progress = value;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         */
        public PutOptions build() {
            return new PutOptions(this);
        }
    }
}
