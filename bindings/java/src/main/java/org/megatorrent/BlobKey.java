package org.megatorrent;

/**
 * What a blob that was sealed is called, and what opens it.
 *
 * @param id the SHA-256 of the blob, 32 bytes
 * @param key what opens it, 32 secret bytes
 */
public record BlobKey(byte[] id, byte[] key) {
    /**
     * Returns the id without the key.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "BlobKey[id=" + Cid.format(id) + "]";
    }
}
