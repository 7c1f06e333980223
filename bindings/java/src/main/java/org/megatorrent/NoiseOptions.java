package org.megatorrent;

import java.util.Objects;

/** How to begin a {@link NoiseSession}. Immutable. */
public final class NoiseOptions {
    final boolean initiator;
    final byte[] staticSecret;
    final Suite suite;
    final byte[] prologue;
    final byte[] ephemeralSecret;

    private NoiseOptions(Builder builder) {
        initiator = builder.initiator;
        staticSecret = builder.staticSecret;
        suite = builder.suite;
        prologue = builder.prologue;
        ephemeralSecret = builder.ephemeralSecret;
    }

    /**
     * The side that writes first.
     *
     * @param staticSecret this side's X25519 secret, 32 bytes, which are copied
     * @return a builder
     * @throws IllegalArgumentException if the secret has another length
     */
    public static Builder initiator(byte[] staticSecret) {
        return new Builder(true, staticSecret);
    }

    /**
     * The side that reads first.
     *
     * @param staticSecret this side's X25519 secret, 32 bytes, which are copied
     * @return a builder
     * @throws IllegalArgumentException if the secret has another length
     */
    public static Builder responder(byte[] staticSecret) {
        return new Builder(false, staticSecret);
    }

    /** Makes options. */
    public static final class Builder {
        private final boolean initiator;
        private final byte[] staticSecret;
        private Suite suite = Suite.AES_256_GCM;
        private byte[] prologue = {};
        private byte[] ephemeralSecret;

        private Builder(boolean initiator, byte[] staticSecret) {
            this.initiator = initiator;
            this.staticSecret = Check.length(staticSecret, X25519.KEY_LENGTH, "A secret").clone();
        }

        /**
         * Sets the cipher; both sides must have the same.
         *
         * @param value the cipher
         * @return this
         */
        public Builder suite(Suite value) {
            suite = Objects.requireNonNull(value, "suite");
            return this;
        }

        /**
         * Sets what both sides have said before in the clear; none by default.
         *
         * @param value the bytes, which are copied
         * @return this
         */
        public Builder prologue(byte[] value) {
            prologue = value.clone();
            return this;
        }

        /**
         * Sets the ephemeral secret, for tests against published vectors only: a secret that is used twice is none.
         *
         * @param value 32 bytes, which are copied
         * @return this
         * @throws IllegalArgumentException if it has another length
         */
        public Builder ephemeralSecretForTests(byte[] value) {
            ephemeralSecret = Check.length(value, X25519.KEY_LENGTH, "A secret").clone();
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         */
        public NoiseOptions build() {
            return new NoiseOptions(this);
        }
    }
}
