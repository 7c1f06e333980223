package org.megatorrent;

/**
 * A blob that was sealed.
 *
 * @param bytes the blob
 * @param id its SHA-256, 32 bytes
 * @param key what opens it, 32 secret bytes
 */
public record SealedBlob(byte[] bytes, byte[] id, byte[] key) {
    /**
     * Returns the id and the length without the key.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "SealedBlob[id=" + Cid.format(id) + ", length=" + bytes.length + "]";
    }
}
