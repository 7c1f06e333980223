package org.megatorrent;

import java.nio.ByteBuffer;

/** Signatures: Ed25519 (RFC 8032). */
public final class Ed25519 {
    /** Bytes in a seed, from which the key pair comes. */
    public static final int SEED_LENGTH = 32;

    /** Bytes in a public key. */
    public static final int PUBLIC_KEY_LENGTH = 32;

    /** Bytes in a signature. */
    public static final int SIGNATURE_LENGTH = 64;

    private Ed25519() {
    }

    /**
     * Makes a new key pair.
     *
     * @return the seed, which is secret, and the public key
     */
    public static KeyPair generate() {
        byte[] seed = new byte[SEED_LENGTH];
        byte[] publicKey = new byte[PUBLIC_KEY_LENGTH];
        Check.sure(Native.ed25519Generate(seed, publicKey));
        return new KeyPair(seed, publicKey);
    }

    /**
     * Computes the public key of a seed.
     *
     * @param seed {@link #SEED_LENGTH} bytes
     * @return the public key, {@link #PUBLIC_KEY_LENGTH} bytes
     * @throws IllegalArgumentException if the seed has another length
     */
    public static byte[] publicKey(byte[] seed) {
        byte[] publicKey = new byte[PUBLIC_KEY_LENGTH];
        Check.sure(Native.ed25519PublicKey(publicKey, Check.length(seed, SEED_LENGTH, "A seed")));
        return publicKey;
    }

    /**
     * Signs bytes.
     *
     * @param seed {@link #SEED_LENGTH} bytes
     * @param data the bytes
     * @return the signature, {@link #SIGNATURE_LENGTH} bytes
     * @throws IllegalArgumentException if the seed has another length
     */
    public static byte[] sign(byte[] seed, byte[] data) {
        return sign(seed, Memory.of(data));
    }

    /**
     * Signs what remains of a buffer.
     *
     * @param seed {@link #SEED_LENGTH} bytes
     * @param data the buffer; its position moves to its limit
     * @return the signature, {@link #SIGNATURE_LENGTH} bytes
     * @throws IllegalArgumentException if the seed has another length
     */
    public static byte[] sign(byte[] seed, ByteBuffer data) {
        byte[] signature = sign(seed, Memory.toRead(data));
        data.position(data.limit());
        return signature;
    }

    /**
     * Whether a signature over bytes is by the owner of a public key. Of a public key that is none, nothing is.
     *
     * @param publicKey {@link #PUBLIC_KEY_LENGTH} bytes
     * @param signature {@link #SIGNATURE_LENGTH} bytes
     * @param data the bytes
     * @return true if it is
     * @throws IllegalArgumentException if key or signature have another length
     */
    public static boolean verify(byte[] publicKey, byte[] signature, byte[] data) {
        return verify(publicKey, signature, Memory.of(data));
    }

    /**
     * Whether a signature over what remains of a buffer is by the owner of a public key.
     *
     * @param publicKey {@link #PUBLIC_KEY_LENGTH} bytes
     * @param signature {@link #SIGNATURE_LENGTH} bytes
     * @param data the buffer; its position moves to its limit
     * @return true if it is
     * @throws IllegalArgumentException if key or signature have another length
     */
    public static boolean verify(byte[] publicKey, byte[] signature, ByteBuffer data) {
        boolean good = verify(publicKey, signature, Memory.toRead(data));
        data.position(data.limit());
        return good;
    }

    private static byte[] sign(byte[] seed, Memory data) {
        byte[] signature = new byte[SIGNATURE_LENGTH];
        Check.length(seed, SEED_LENGTH, "A seed");
        Check.sure(Native.ed25519Sign(signature, seed, data.object, data.where, data.length));
        return signature;
    }

    private static boolean verify(byte[] publicKey, byte[] signature, Memory data) {
        Check.length(publicKey, PUBLIC_KEY_LENGTH, "A public key");
        Check.length(signature, SIGNATURE_LENGTH, "A signature");
        return Check.sure(Native.ed25519Verify(publicKey, signature, data.object, data.where, data.length)) == 1;
    }
}
