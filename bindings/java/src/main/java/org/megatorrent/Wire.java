package org.megatorrent;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Turns {@link WireMessage}s into frames, a header of 12 bytes and a body, and back. */
public final class Wire {
    /** Bytes of the header of a frame. */
    public static final int HEADER_LENGTH = 12;

    /** The longest whole frame, in bytes. */
    public static final int FRAME_LENGTH_MAX = 1_114_116;

    private static final int FRAME_LENGTH = WireMessage.NUMBER_COUNT;
    private static final int BYTES_OFFSET = FRAME_LENGTH + 1;
    private static final int BYTES_LENGTH = FRAME_LENGTH + 2;
    private static final int ITEMS_OFFSET = FRAME_LENGTH + 3;
    private static final int ITEMS_LENGTH = FRAME_LENGTH + 4;

    private Wire() {
    }

    /**
     * What is at the start of some bytes.
     *
     * @param message the message; empty while the frame is cut
     * @param frameLength bytes of the frame, behind which the next one follows; {@link #HEADER_LENGTH} while that is not known
     */
    public record Frame(Optional<WireMessage> message, int frameLength) {
    }

    /**
     * Writes a message as one frame.
     *
     * @param message the message
     * @return the frame
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: a member that the type cannot have, or over its limit
     */
    public static byte[] encode(WireMessage message) throws MegatorrentException {
        // What a body has beside bytes and items is short.
        long room = HEADER_LENGTH + 64L + message.bytes().length + message.items().length;
        ByteBuffer dst = ByteBuffer.allocate((int) Math.min(room, FRAME_LENGTH_MAX));
        encode(dst, message);
        return Arrays.copyOf(dst.array(), dst.position());
    }

    /**
     * Writes a message as one frame into a buffer.
     *
     * @param dst takes the frame
     * @param message the message
     * @return bytes of the frame
     * @throws MegatorrentException as {@link #encode(WireMessage)} does, and {@link Status#BUFFER_TOO_SMALL}: too little remains of dst
     */
    public static int encode(ByteBuffer dst, WireMessage message) throws MegatorrentException {
        Memory to = Memory.toWrite(dst);
        to.mustNotOverlap(Memory.of(message.bytes()));
        to.mustNotOverlap(Memory.of(message.items()));
        int length = Check.status(Native.wireEncode(
            to.object, to.where, to.length, message.numbers(), message.id(), message.bytes(), message.items()));
        dst.position(dst.position() + length);
        return length;
    }

    /**
     * Reads the frame at the start of an array.
     *
     * @param data the bytes
     * @return what is there
     * @throws MegatorrentException {@link Status#PROTOCOL_VIOLATION}: the header breaks the protocol; {@link Status#MALFORMED}: the body
     *     does
     */
    public static Frame decode(byte[] data) throws MegatorrentException {
        return decode(Memory.of(data), ByteBuffer.wrap(data));
    }

    /**
     * Reads the frame at the position of a buffer. Its position moves behind the frame, or stays where it is while the frame is cut.
     *
     * @param data the bytes
     * @return what is there
     * @throws MegatorrentException as {@link #decode(byte[])} does
     */
    public static Frame decode(ByteBuffer data) throws MegatorrentException {
        Frame frame = decode(Memory.toRead(data), data);
        if (frame.message().isPresent()) {
            data.position(data.position() + frame.frameLength());
        }
        return frame;
    }

    private static Frame decode(Memory from, ByteBuffer data) throws MegatorrentException {
        long[] numbers = new long[WireMessage.NUMBER_COUNT + 5];
        byte[] id = new byte[Cid.ID_LENGTH];
        int status = Native.wireDecode(numbers, id, from.object, from.where, from.length);
        if (status == Status.INCOMPLETE.code()) {
            return new Frame(Optional.empty(), (int) numbers[FRAME_LENGTH]);
        }
        Check.status(status);
        byte[] bytes = part(data, numbers[BYTES_OFFSET], numbers[BYTES_LENGTH]);
        byte[] items = part(data, numbers[ITEMS_OFFSET], numbers[ITEMS_LENGTH]);
        WireMessage message = new WireMessage(Arrays.copyOf(numbers, WireMessage.NUMBER_COUNT), id, bytes, items);
        return new Frame(Optional.of(message), (int) numbers[FRAME_LENGTH]);
    }

    private static byte[] part(ByteBuffer data, long offset, long length) {
        byte[] part = new byte[(int) length];
        data.get(data.position() + (int) offset, part);
        return part;
    }
}
