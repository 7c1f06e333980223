package org.megatorrent;

import java.util.Objects;

/**
 * What nodes and clients say to each other inside a session; {@link Wire} turns it into frames and back. One class serves all types; which
 * members count depends on the type, and the others are 0 and empty:
 *
 * <pre>
 *      HELLO                      versionMin, versionMax, features, requestsMax, blobLengthMax, idleTimeoutMs
 *      PING, PONG, CANCEL,
 *        PROCEED                  none
 *      GET                        id, offset, length
 *      DATA                       bytes; flags
 *      WANT, FIND                 items: count ids of 32 bytes
 *      HAVE                       items: a bit for each of count ids, most significant first
 *      STORE                      id, length (of the blob), bytes (the descriptor)
 *      STORED                     code: 1 stored now, 2 it was there
 *      FOUND                      items: count descriptors, each behind two bytes of length, big-endian; 0 where none is held
 *      ERROR                      code, bytes (a text in UTF-8)
 *      NOTICE                     id, code: 1 missing, 2 corrupt
 *      STATUS, STATUS_REPLY, GOSSIP, GOSSIP_REPLY, PROBE, PROBE_REPLY, JOIN, JOINED
 *                                 bytes
 * </pre>
 *
 * <p>Numbers are unsigned, of 32 bits where nothing else is said. Arrays are not copied and must not change.
 */
public final class WireMessage {
    /** Flag of {@link WireType#DATA}: the last of its request. */
    public static final int FLAG_LAST = 1;

    /** Flag of {@link WireType#DATA}: belongs to a store of the sender. */
    public static final int FLAG_UPLOAD = 2;

    /** How many numbers {@link #numbers} has, in the order of {@code mt_wire_message_t}. */
    static final int NUMBER_COUNT = 13;

    private final WireType type;
    private final long[] numbers;
    private final byte[] id;
    private final byte[] bytes;
    private final byte[] items;

    WireMessage(long[] numbers, byte[] id, byte[] bytes, byte[] items) {
        type = WireType.of((int) numbers[0]);
        this.numbers = numbers;
        this.id = id;
        this.bytes = bytes;
        this.items = items;
    }

    /**
     * Begins a message.
     *
     * @param type what it is
     * @return a builder
     */
    public static Builder builder(WireType type) {
        return new Builder(type);
    }

    /**
     * Returns what it is.
     *
     * @return the type
     */
    public WireType type() {
        return type;
    }

    /**
     * Returns the flags.
     *
     * @return {@link #FLAG_LAST} and {@link #FLAG_UPLOAD}, or 0
     */
    public int flags() {
        return (int) numbers[1];
    }

    /**
     * Returns the number of the request.
     *
     * @return 0 with HELLO and with the ERROR that ends a session, else not 0
     */
    public long requestNumber() {
        return numbers[2];
    }

    /**
     * Returns the id of a blob.
     *
     * @return 32 bytes
     */
    public byte[] id() {
        return id;
    }

    /**
     * Returns where bytes of a blob begin.
     *
     * @return an unsigned number of 64 bits
     */
    public long offset() {
        return numbers[3];
    }

    /**
     * Returns how many bytes of a blob are wanted, or the length of a blob.
     *
     * @return the length in bytes
     */
    public long length() {
        return numbers[4];
    }

    /**
     * Returns what STORED, ERROR and NOTICE say.
     *
     * @return the code
     */
    public long code() {
        return numbers[5];
    }

    /**
     * Returns how many items there are.
     *
     * @return the count
     */
    public long count() {
        return numbers[6];
    }

    /**
     * Returns the lowest version that the sender speaks.
     *
     * @return the version
     */
    public long versionMin() {
        return numbers[7];
    }

    /**
     * Returns the highest version that the sender speaks.
     *
     * @return the version
     */
    public long versionMax() {
        return numbers[8];
    }

    /**
     * Returns what else the sender can do.
     *
     * @return a set of bits
     */
    public long features() {
        return numbers[9];
    }

    /**
     * Returns how many requests the sender answers at once.
     *
     * @return the number
     */
    public long requestsMax() {
        return numbers[10];
    }

    /**
     * Returns the longest blob that the sender takes.
     *
     * @return the length in bytes
     */
    public long blobLengthMax() {
        return numbers[11];
    }

    /**
     * Returns after which silence the sender ends the session.
     *
     * @return the time in milliseconds
     */
    public long idleTimeoutMs() {
        return numbers[12];
    }

    /**
     * Returns the bytes.
     *
     * @return the bytes; empty for a type that has none
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Returns the items.
     *
     * @return the items, end to end; empty for a type that has none
     */
    public byte[] items() {
        return items;
    }

    long[] numbers() {
        return numbers;
    }

    /** Makes a message. What the type cannot have is found when it is encoded. */
    public static final class Builder {
        private final long[] numbers = new long[NUMBER_COUNT];
        private byte[] id = new byte[Cid.ID_LENGTH];
        private byte[] bytes = {};
        private byte[] items = {};

        private Builder(WireType type) {
            numbers[0] = type.code();
        }

        /**
         * Sets the flags.
         *
         * @param value {@link #FLAG_LAST} and {@link #FLAG_UPLOAD}
         * @return this
         */
        public Builder flags(int value) {
            return number(1, value, "The flags");
        }

        /**
         * Sets the number of the request.
         *
         * @param value the number
         * @return this
         */
        public Builder requestNumber(long value) {
            return number(2, value, "The request number");
        }

        /**
         * Sets the id of a blob.
         *
         * @param value 32 bytes
         * @return this
         * @throws IllegalArgumentException if it has another length
         */
        public Builder id(byte[] value) {
            id = Check.length(value, Cid.ID_LENGTH, "A blob id");
            return this;
        }

        /**
         * Sets where bytes of a blob begin.
         *
         * @param value an unsigned number of 64 bits
         * @return this
         */
        public Builder offset(long value) {
            numbers[3] = value;
            return this;
        }

        /**
         * Sets how many bytes of a blob are wanted, or the length of a blob.
         *
         * @param value the length in bytes
         * @return this
         */
        public Builder length(long value) {
            return number(4, value, "The length");
        }

        /**
         * Sets what STORED, ERROR and NOTICE say.
         *
         * @param value the code
         * @return this
         */
        public Builder code(long value) {
            return number(5, value, "The code");
        }

        /**
         * Sets the items.
         *
         * @param count how many
         * @param value the items, end to end
         * @return this
         */
        public Builder items(long count, byte[] value) {
            items = Objects.requireNonNull(value, "items");
            return number(6, count, "The count");
        }

        /**
         * Sets the versions that the sender speaks.
         *
         * @param min the lowest
         * @param max the highest
         * @return this
         */
        public Builder versions(long min, long max) {
            return number(7, min, "The lowest version").number(8, max, "The highest version");
        }

        /**
         * Sets what else the sender can do.
         *
         * @param value a set of bits
         * @return this
         */
        public Builder features(long value) {
            return number(9, value, "The features");
        }

        /**
         * Sets the limits of the sender.
         *
         * @param requestsMax how many requests it answers at once
         * @param blobLengthMax the longest blob that it takes, in bytes
         * @param idleTimeoutMs after which silence it ends the session, in milliseconds
         * @return this
         */
        public Builder limits(long requestsMax, long blobLengthMax, long idleTimeoutMs) {
            return number(10, requestsMax, "The number of requests").number(11, blobLengthMax, "The length of a blob")
                .number(12, idleTimeoutMs, "The timeout");
        }

        /**
         * Sets the bytes.
         *
         * @param value the bytes
         * @return this
         */
        public Builder bytes(byte[] value) {
            bytes = Objects.requireNonNull(value, "bytes");
            return this;
        }

        /**
         * Makes the message.
         *
         * @return the message
         */
        public WireMessage build() {
            return new WireMessage(numbers.clone(), id, bytes, items);
        }

        private Builder number(int index, long value, String what) {
            Check.unsigned(value, what);
            numbers[index] = value;
            return this;
        }
    }
}
