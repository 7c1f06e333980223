package org.megatorrent;

/** What a {@link WireMessage} is. The values of {@code megatorrent.h}, in its order from 1 on. */
public enum WireType {
    /** The first message of both sides. */
    HELLO,
    /** Are you there? */
    PING,
    /** Yes; and the answer to {@link #NOTICE}. */
    PONG,
    /** Asks for bytes of a blob. */
    GET,
    /** Bytes of a blob. */
    DATA,
    /** Asks which of some blobs are there. */
    WANT,
    /** Says which are. */
    HAVE,
    /** Asks to store a blob. */
    STORE,
    /** It is stored. */
    STORED,
    /** Asks for the descriptors of stripes. */
    FIND,
    /** The descriptors. */
    FOUND,
    /** Ends a request that is under way. */
    CANCEL,
    /** Asks how a node is. */
    STATUS,
    /** How it is. */
    STATUS_REPLY,
    /** Something failed. */
    ERROR,
    /** News of the members. */
    GOSSIP,
    /** News in return. */
    GOSSIP_REPLY,
    /** Asks to probe a member. */
    PROBE,
    /** What came of it. */
    PROBE_REPLY,
    /** Asks to become a member. */
    JOIN,
    /** Became one. */
    JOINED,
    /** Says that a blob is missing or corrupt. */
    NOTICE,
    /** The blob of a {@link #STORE} may come. */
    PROCEED;

    private static final WireType[] VALUES = values();

    /**
     * Returns the number on the wire.
     *
     * @return 1 to 23
     */
    public int code() {
        return ordinal() + 1;
    }

    /**
     * Finds the type of a number on the wire.
     *
     * @param code the number
     * @return the type
     * @throws IllegalArgumentException if there is none
     */
    public static WireType of(int code) {
        if (code < 1 || code > VALUES.length) {
            throw new IllegalArgumentException("There is no message of type " + code + ".");
        }
        return VALUES[code - 1];
    }
}
