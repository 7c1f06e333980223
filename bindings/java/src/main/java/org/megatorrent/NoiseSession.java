package org.megatorrent;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A Noise session: {@code Noise_XX_25519_AESGCM_SHA256} or {@code Noise_XX_25519_ChaChaPoly_SHA256} (revision 34). It turns messages into
 * messages; how they travel is the caller's business. Both sides write in turn, the initiator first, until three messages have passed; then
 * both may write at any time:
 *
 * <pre>
 *      initiator                     responder
 *          write   e              -&gt;     read      payload readable by all: leave it empty
 *          read    e, ee, s, es   &lt;-     write     payload secret
 *          write   s, se          -&gt;     read      payload secret, both sides proved
 *          write, read           &lt;-&gt;     write, read
 * </pre>
 *
 * <p>A message carries no length of its own: send it behind one. After a failure of a read or write the session is dead, unless the method
 * says that it lives on.
 */
public final class NoiseSession implements AutoCloseable {
    /** The longest message, in bytes. */
    public static final int MESSAGE_LENGTH_MAX = 65_535;

    /** The most that a message is longer than its payload, in bytes. */
    public static final int OVERHEAD_MAX = 96;

    /** Whose turn it is. */
    public enum State {
        /** Ours, in the handshake. */
        WRITE,
        /** Theirs, in the handshake. */
        READ,
        /** Anyone's. */
        ESTABLISHED,
        /** Nobody's: something failed. */
        DEAD;

        private static final State[] VALUES = values();
    }

    private final Handle handle;

    /**
     * Begins a session.
     *
     * @param options how
     */
    public NoiseSession(NoiseOptions options) {
        long[] created = new long[1];
        Check.sure(Native.noiseCreate(
            created, options.initiator ? 1 : 0, options.suite.code(), options.staticSecret, options.prologue, options.ephemeralSecret));
        handle = new Handle(this, "session", created[0], Native::noiseDestroy);
    }

    /**
     * Returns whose turn it is.
     *
     * @return the state
     */
    public State state() {
        try {
            return State.VALUES[Check.sure(Native.noiseState(handle.get())) - 1];
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Returns the room that the next message needs.
     *
     * @param payloadLength bytes of its payload
     * @return at most the length + {@link #OVERHEAD_MAX}; 0 if the session is dead
     * @throws IllegalArgumentException if the length is below 0
     */
    public long writeBound(int payloadLength) {
        if (payloadLength < 0) {
            throw new IllegalArgumentException("The length of a payload is not " + payloadLength + ".");
        }
        try {
            return Native.noiseWriteBound(handle.get(), payloadLength);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Writes the next message: of the handshake while it lasts, then one that carries the payload.
     *
     * @param payload the payload
     * @return the message
     * @throws MegatorrentException {@link Status#STATE}: it is not this side's turn, or the session is dead; {@link Status#LIMIT_EXCEEDED}:
     *     the message would be over {@link #MESSAGE_LENGTH_MAX}, and the session lives on; {@link Status#PROTOCOL_VIOLATION}: the other
     *     side's key gives no secret
     */
    public byte[] write(byte[] payload) throws MegatorrentException {
        ByteBuffer dst = ByteBuffer.allocate((int) Math.min(writeBound(payload.length), MESSAGE_LENGTH_MAX));
        write(dst, ByteBuffer.wrap(payload));
        return dst.hasRemaining() ? Arrays.copyOf(dst.array(), dst.position()) : dst.array();
    }

    /**
     * Writes the next message into a buffer, with what remains of another one as its payload.
     *
     * @param dst takes the message
     * @param payload the payload
     * @return bytes of the message
     * @throws MegatorrentException as {@link #write(byte[])} does, and {@link Status#BUFFER_TOO_SMALL}: less than {@link #writeBound}
     *     remains of dst; the session lives on
     * @throws IllegalArgumentException if the buffers overlap
     */
    public int write(ByteBuffer dst, ByteBuffer payload) throws MegatorrentException {
        Memory from = Memory.toRead(payload);
        Memory to = Memory.toWrite(dst);
        to.mustNotOverlap(from);
        int length;
        try {
            length = Check.status(
                Native.noiseWrite(handle.get(), to.object, to.where, to.length, from.object, from.where, from.length));
        } finally {
            Reference.reachabilityFence(this);
        }
        payload.position(payload.limit());
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Reads the next message.
     *
     * @param message the message
     * @return its payload
     * @throws MegatorrentException {@link Status#STATE}: it is not the other side's turn, or the session is dead; {@link Status#INTEGRITY}:
     *     the message was changed, lost, repeated, or is from another session; {@link Status#PROTOCOL_VIOLATION}: no message can be so long
     *     or so short
     */
    public byte[] read(byte[] message) throws MegatorrentException {
        ByteBuffer dst = ByteBuffer.allocate(Math.min(message.length, MESSAGE_LENGTH_MAX));
        read(dst, ByteBuffer.wrap(message));
        return dst.hasRemaining() ? Arrays.copyOf(dst.array(), dst.position()) : dst.array();
    }

    /**
     * Reads the message that remains of a buffer, and writes its payload, which is never longer, to another one.
     *
     * @param dst takes the payload
     * @param message the message
     * @return bytes of the payload
     * @throws MegatorrentException as {@link #read(byte[])} does, and {@link Status#BUFFER_TOO_SMALL}: the payload is longer than what
     *     remains of dst; the session lives on
     * @throws IllegalArgumentException if the buffers overlap
     */
    public int read(ByteBuffer dst, ByteBuffer message) throws MegatorrentException {
        Memory from = Memory.toRead(message);
        Memory to = Memory.toWrite(dst);
        to.mustNotOverlap(from);
        int length;
        try {
            length = Check.status(
                Native.noiseRead(handle.get(), to.object, to.where, to.length, from.object, from.where, from.length));
        } finally {
            Reference.reachabilityFence(this);
        }
        message.position(message.limit());
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Returns the other side's X25519 public key.
     *
     * @return the key, 32 bytes
     * @throws IllegalStateException if it is not proved yet
     */
    public byte[] remoteKey() {
        byte[] key = new byte[X25519.KEY_LENGTH];
        try {
            Check.sure(Native.noiseRemoteKey(handle.get(), key));
        } finally {
            Reference.reachabilityFence(this);
        }
        return key;
    }

    /**
     * Returns the hash that names the session, the same on both sides.
     *
     * @return the hash, 32 bytes
     * @throws IllegalStateException if the session is not established yet
     */
    public byte[] handshakeHash() {
        byte[] hash = new byte[Hashes.LENGTH];
        try {
            Check.sure(Native.noiseHandshakeHash(handle.get(), hash));
        } finally {
            Reference.reachabilityFence(this);
        }
        return hash;
    }

    /** Destroys the session and zeroes its secrets. */
    @Override
    public void close() {
        handle.close();
    }
}
