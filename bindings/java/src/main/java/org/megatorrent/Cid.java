package org.megatorrent;

/** The text of a blob id: CIDv1, raw, sha2-256, base32 ({@code bafkrei...}), which is also its name in IPFS. */
public final class Cid {
    /** Bytes in a blob id. */
    public static final int ID_LENGTH = 32;

    /** Characters in the text of a blob id. */
    public static final int TEXT_LENGTH = 59;

    private Cid() {
    }

    /**
     * Writes the text of a blob id.
     *
     * @param id the id, {@link #ID_LENGTH} bytes
     * @return its text, {@link #TEXT_LENGTH} characters
     * @throws IllegalArgumentException if the id has another length
     */
    public static String format(byte[] id) {
        byte[] text = new byte[TEXT_LENGTH];
        Check.sure(Native.cidFormat(text, Check.length(id, ID_LENGTH, "A blob id")));
        return Text.ascii(text, TEXT_LENGTH);
    }

    /**
     * Reads the text of a blob id.
     *
     * @param text the text
     * @return the id, {@link #ID_LENGTH} bytes
     * @throws MegatorrentException {@link Status#MALFORMED}: not a CIDv1 of this kind in its one spelling;
     *     {@link Status#INVALID_ARGUMENT}: far too long
     */
    public static byte[] parse(String text) throws MegatorrentException {
        byte[] id = new byte[ID_LENGTH];
        Check.status(Native.cidParse(id, Text.bytes(text, "The text")));
        return id;
    }
}
