package org.megatorrent;

import java.util.Optional;

/**
 * The text that names an object: {@code mt1:...} reads it and is a secret, {@code mtv1:...} only verifies and repairs it. The methods of
 * {@link Client} take the text; this class says what is in it. Immutable.
 */
public final class Capability {
    /** Room, with the NUL of the library, for the text of any capability. */
    private static final int CAPACITY = 128;

    private final String text;
    private final boolean canRead;
    private final byte[] rootId;
    private final byte[] key;
    private final long rootLength;
    private final int parityShards;

    private Capability(String text) throws MegatorrentException {
        long[] numbers = new long[3];
        rootId = new byte[Cid.ID_LENGTH];
        key = new byte[Blob.KEY_LENGTH];
        Check.status(Native.capabilityParse(numbers, rootId, key, Text.bytes(text, "The capability")));
        this.text = text;
        canRead = numbers[0] == 1;
        rootLength = numbers[1];
        parityShards = (int) numbers[2];
    }

    /**
     * Reads the text of a capability.
     *
     * @param text the text
     * @return the capability
     * @throws MegatorrentException {@link Status#MALFORMED}: it was cut or mistyped
     */
    public static Capability parse(String text) throws MegatorrentException {
        return new Capability(text);
    }

    /**
     * Makes the capability that reads an object.
     *
     * @param rootId the id of the root manifest, 32 bytes
     * @param key what opens it, 32 bytes
     * @param rootLength bytes of the root manifest
     * @param parityShards copies of the root manifest beyond the first
     * @return the capability
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: no manifest can be so
     */
    public static Capability toRead(byte[] rootId, byte[] key, long rootLength, int parityShards) throws MegatorrentException {
        return make(1, rootId, Check.length(key, Blob.KEY_LENGTH, "A key"), rootLength, parityShards);
    }

    /**
     * Makes the capability that verifies and repairs an object.
     *
     * @param rootId the id of the root manifest, 32 bytes
     * @param rootLength bytes of the root manifest
     * @param parityShards copies of the root manifest beyond the first
     * @return the capability
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: no manifest can be so
     */
    public static Capability toVerify(byte[] rootId, long rootLength, int parityShards) throws MegatorrentException {
        return make(0, rootId, new byte[Blob.KEY_LENGTH], rootLength, parityShards);
    }

    /**
     * Returns the text. With an {@code mt1:} capability it is a secret.
     *
     * @return the text
     */
    public String text() {
        return text;
    }

    /**
     * Whether it reads the object ({@code mt1:}), or only verifies and repairs it.
     *
     * @return true if it reads
     */
    public boolean canRead() {
        return canRead;
    }

    /**
     * Returns the id of the root manifest.
     *
     * @return a copy of the id, 32 bytes
     */
    public byte[] rootId() {
        return rootId.clone();
    }

    /**
     * Returns what opens the root manifest.
     *
     * @return a copy of the key, 32 bytes; empty if the capability cannot read
     */
    public Optional<byte[]> key() {
        return canRead ? Optional.of(key.clone()) : Optional.empty();
    }

    /**
     * Returns the length of the root manifest.
     *
     * @return the length in bytes
     */
    public long rootLength() {
        return rootLength;
    }

    /**
     * Returns how many copies of the root manifest there are beyond the first.
     *
     * @return m
     */
    public int parityShards() {
        return parityShards;
    }

    /**
     * Returns the capability that can be given to whoever may check and repair, but not read.
     *
     * @return the {@code mtv1:} capability
     */
    public Capability toVerify() {
        byte[] out = new byte[CAPACITY];
        int length = Check.sure(Native.capabilityToVerify(out, Text.bytes(text, "The capability")));
        try {
            return new Capability(Text.ascii(out, length));
        } catch (MegatorrentException exception) {
            throw new IllegalStateException(exception);
        }
    }

    /**
     * Whether other is a capability with the same text.
     *
     * @param other an object
     * @return true if it is
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof Capability capability && text.equals(capability.text);
    }

    /**
     * Returns a hash that goes with {@link #equals}.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /**
     * Returns what it is, without the secret; {@link #text} returns that.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return "Capability[" + (canRead ? "read" : "verify") + ", root=" + Cid.format(rootId) + "]";
    }

    private static Capability make(int canRead, byte[] rootId, byte[] key, long rootLength, int parityShards) throws MegatorrentException {
        byte[] out = new byte[CAPACITY];
        int length = Check.status(Native.capabilityFormat(
            out, canRead, Check.length(rootId, Cid.ID_LENGTH, "A root id"), key, Check.unsigned(rootLength, "The length of the root"),
            parityShards));
        return new Capability(Text.ascii(out, length));
    }
}
