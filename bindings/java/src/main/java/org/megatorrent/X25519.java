package org.megatorrent;

/** Keys that two sides agree on a secret with, as Noise wants them: X25519 (RFC 7748). */
public final class X25519 {
    /** Bytes in a secret and in a public key. */
    public static final int KEY_LENGTH = 32;

    private X25519() {
    }

    /**
     * Makes a new key pair.
     *
     * @return the secret and the public key
     */
    public static KeyPair generate() {
        byte[] secret = new byte[KEY_LENGTH];
        byte[] publicKey = new byte[KEY_LENGTH];
        Check.sure(Native.x25519Generate(secret, publicKey));
        return new KeyPair(secret, publicKey);
    }

    /**
     * Computes the public key of a secret.
     *
     * @param secret {@link #KEY_LENGTH} bytes
     * @return the public key, {@link #KEY_LENGTH} bytes
     * @throws IllegalArgumentException if the secret has another length
     */
    public static byte[] publicKey(byte[] secret) {
        byte[] publicKey = new byte[KEY_LENGTH];
        Check.sure(Native.x25519PublicKey(publicKey, Check.length(secret, KEY_LENGTH, "A secret")));
        return publicKey;
    }
}
