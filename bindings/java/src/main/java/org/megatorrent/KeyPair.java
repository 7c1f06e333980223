package org.megatorrent;

import java.util.HexFormat;

/**
 * A secret and the public key that belongs to it, of {@link Ed25519} or {@link X25519}.
 *
 * @param secret 32 secret bytes; with Ed25519 the seed
 * @param publicKey 32 bytes
 */
public record KeyPair(byte[] secret, byte[] publicKey) {
    /**
     * Returns a text without the secret.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "KeyPair[publicKey=" + HexFormat.of().formatHex(publicKey) + "]";
    }
}
