package org.megatorrent;

/** How a call of the library ended: {@code MT_ERROR_*} of {@code megatorrent.h}. */
public enum Status {
    /** Done. */
    OK(0),

    /** A value that cannot be used; the detail names the limit. */
    INVALID_ARGUMENT(-1),
    /** Null where something is needed. */
    NULL_POINTER(-2),
    /** Destroyed, of another kind, or never from this library. */
    INVALID_HANDLE(-3),
    /** A length that no object in memory can have. */
    LENGTH(-4),
    /** The library is not the one of this jar. */
    STRUCT_SIZE(-5),
    /** Well-formed, but a version, kind or option that this library does not know. */
    UNSUPPORTED(-6),
    /** The output does not fit. */
    BUFFER_TOO_SMALL(-7),
    /** An output overlaps another output or an input. */
    OVERLAP(-8),
    /** Not now: the object is in another state; the detail says which. */
    STATE(-9),

    /** Bytes break their format. */
    MALFORMED(-20),
    /** Bytes are not what their hash, checksum or tag says. */
    INTEGRITY(-21),
    /** Fewer than k of a stripe are there. */
    NOT_ENOUGH_SHARDS(-22),
    /** What was asked for is not there. */
    NOT_FOUND(-23),
    /** Right so far, but more bytes are needed. */
    INCOMPLETE(-24),

    /** No identity, or one that may not do this. */
    UNAUTHORIZED(-40),
    /** Nobody answers, or the connection was lost. */
    UNREACHABLE(-41),
    /** No answer in time. */
    TIMEOUT(-42),
    /** A peer broke the rules. */
    PROTOCOL_VIOLATION(-43),

    /** Memory could not be allocated. */
    OUT_OF_MEMORY(-60),
    /** Too much at once. */
    LIMIT_EXCEEDED(-61),
    /** The store or the disk is full. */
    STORE_FULL(-62),
    /** The operating system refused a file operation. */
    INPUT_OUTPUT(-63),

    /** The caller cancelled. */
    CANCELED(-80),
    /** A defect of the library; please report it with the detail. */
    INTERNAL(-81),

    /** A status that this jar does not know: the library is a later one. */
    UNKNOWN(Integer.MIN_VALUE);

    private static final Status[] VALUES = values();

    private final int code;

    Status(int code) {
        this.code = code;
    }

    /**
     * Returns the value that the library uses: 0 or a negative number.
     *
     * @return the value; {@link Integer#MIN_VALUE} for {@link #UNKNOWN}
     */
    public int code() {
        return code;
    }

    /**
     * Finds the status of a value of the library.
     *
     * @param code the value
     * @return the status, or {@link #UNKNOWN}
     */
    public static Status of(int code) {
        for (Status status : VALUES) {
            if (status.code == code) {
                return status;
            }
        }
        return UNKNOWN;
    }
}
