package org.megatorrent;

import java.util.Objects;

/** How to seal a blob. Immutable. */
public final class BlobOptions {
    /** AES-256-GCM, zstd, a fresh random key. */
    public static final BlobOptions DEFAULT = builder().build();

    final Suite suite;
    final Compression compression;
    final byte[] tenantSecret;

    private BlobOptions(Builder builder) {
        suite = builder.suite;
        compression = builder.compression;
        tenantSecret = builder.tenantSecret;
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
        private Suite suite = Suite.AES_256_GCM;
        private Compression compression = Compression.ZSTD;
        private byte[] tenantSecret;

        private Builder() {
        }

        /**
         * Sets the cipher.
         *
         * @param value the cipher
         * @return this
         */
        public Builder suite(Suite value) {
            suite = Objects.requireNonNull(value, "suite");
            return this;
        }

        /**
         * Sets the compression.
         *
         * @param value the compression
         * @return this
         */
        public Builder compression(Compression value) {
            compression = Objects.requireNonNull(value, "compression");
            return this;
        }

        /**
         * Derives the key from a secret, so that equal chunks under equal secrets and options give equal blobs (deduplicating mode).
         *
         * @param value 32 secret bytes, which are copied
         * @return this
         * @throws IllegalArgumentException if it has another length
         */
        public Builder tenantSecret(byte[] value) {
            tenantSecret = Check.length(value, Blob.KEY_LENGTH, "A tenant secret").clone();
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         */
        public BlobOptions build() {
            return new BlobOptions(this);
        }
    }
}
