package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class WireTest {
    private static WireMessage data(byte[] bytes) {
        return WireMessage.builder(WireType.DATA).flags(WireMessage.FLAG_LAST).requestNumber(0xffff_fffeL).bytes(bytes).build();
    }

    @ParameterizedTest
    @EnumSource(Bytes.Kind.class)
    void framesAreReadFromEveryBuffer(Bytes.Kind kind) throws Exception {
        byte[] first = Wire.encode(data(Bytes.random(1, 5000)));
        byte[] second = Wire.encode(WireMessage.builder(WireType.WANT).requestNumber(3).items(2, Bytes.random(2, 64)).build());
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);

        ByteBuffer buffer = kind.of(both);
        WireMessage read = Wire.decode(buffer).message().orElseThrow();
        assertEquals(WireType.DATA, read.type());
        assertEquals(WireMessage.FLAG_LAST, read.flags());
        assertEquals(0xffff_fffeL, read.requestNumber());
        assertArrayEquals(Bytes.random(1, 5000), read.bytes());
        assertEquals(second.length, buffer.remaining());
        read = Wire.decode(buffer).message().orElseThrow();
        assertEquals(2, read.count());
        assertArrayEquals(Bytes.random(2, 64), read.items());
        assertEquals(0, buffer.remaining());
    }

    @Test
    void aCutFrameSaysHowLongItIs() throws Exception {
        byte[] frame = Wire.encode(data(new byte[100]));
        ByteBuffer cut = ByteBuffer.wrap(frame, 0, frame.length - 1);
        Wire.Frame found = Wire.decode(cut);
        assertTrue(found.message().isEmpty());
        assertEquals(frame.length, found.frameLength());
        assertEquals(0, cut.position());
        assertEquals(Wire.HEADER_LENGTH, Wire.decode(new byte[0]).frameLength());
    }

    @Test
    void framesAreWrittenIntoBuffers() throws Exception {
        WireMessage message = data(new byte[100]);
        ByteBuffer direct = ByteBuffer.allocateDirect(1000).position(7);
        assertEquals(Wire.HEADER_LENGTH + 100, Wire.encode(direct, message));
        assertEquals(7 + Wire.HEADER_LENGTH + 100, direct.position());
        assertEquals(
            Status.BUFFER_TOO_SMALL,
            assertThrows(MegatorrentException.class, () -> Wire.encode(ByteBuffer.allocate(111), message)).status());
        byte[] shared = new byte[200];
        assertThrows(IllegalArgumentException.class, () -> Wire.encode(ByteBuffer.wrap(shared), data(shared)));
    }

    @Test
    void wrongMessagesAreRefused() {
        assertEquals(
            Status.INVALID_ARGUMENT,
            assertThrows(MegatorrentException.class, () -> Wire.encode(data(new byte[17 << 20]))).status());
        assertThrows(IllegalArgumentException.class, () -> WireType.of(0));
        assertThrows(IllegalArgumentException.class, () -> WireType.of(24));
        assertThrows(IllegalArgumentException.class, () -> WireMessage.builder(WireType.GET).length(-1));
        assertThrows(IllegalArgumentException.class, () -> WireMessage.builder(WireType.GET).requestNumber(1L << 32));
        assertThrows(IllegalArgumentException.class, () -> WireMessage.builder(WireType.GET).id(new byte[31]));
        assertThrows(NullPointerException.class, () -> WireMessage.builder(WireType.DATA).bytes(null));
        assertThrows(NullPointerException.class, () -> Wire.encode(null));
        assertThrows(NullPointerException.class, () -> Wire.decode((byte[]) null));
    }

    @Test
    void everyTypeHasItsNumber() {
        for (WireType type : WireType.values()) {
            assertEquals(type, WireType.of(type.code()));
        }
        assertEquals(23, WireType.PROCEED.code());
    }
}
