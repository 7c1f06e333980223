package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NoiseTest {
    private final KeyPair initiatorKeys = X25519.generate();
    private final KeyPair responderKeys = X25519.generate();

    private NoiseSession initiator(Suite suite) {
        return new NoiseSession(NoiseOptions.initiator(initiatorKeys.secret()).suite(suite).prologue(new byte[] {1, 2}).build());
    }

    private NoiseSession responder(Suite suite) {
        return new NoiseSession(NoiseOptions.responder(responderKeys.secret()).suite(suite).prologue(new byte[] {1, 2}).build());
    }

    private static void shakeHands(NoiseSession initiator, NoiseSession responder) throws MegatorrentException {
        responder.read(initiator.write(new byte[0]));
        initiator.read(responder.write(new byte[0]));
        responder.read(initiator.write(new byte[0]));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void messagesGoThroughEveryBuffer(Suite suite) throws Exception {
        try (NoiseSession initiator = initiator(suite); NoiseSession responder = responder(suite)) {
            assertEquals(NoiseSession.State.WRITE, initiator.state());
            assertEquals(NoiseSession.State.READ, responder.state());
            shakeHands(initiator, responder);
            assertEquals(NoiseSession.State.ESTABLISHED, initiator.state());
            assertArrayEquals(initiator.handshakeHash(), responder.handshakeHash());
            assertArrayEquals(initiatorKeys.publicKey(), responder.remoteKey());
            assertArrayEquals(responderKeys.publicKey(), initiator.remoteKey());

            byte[] payload = Bytes.random(1, 10_000);
            for (Bytes.Kind kind : Bytes.Kind.values()) {
                ByteBuffer message = ByteBuffer.allocateDirect((int) initiator.writeBound(payload.length));
                ByteBuffer src = kind.of(payload);
                assertEquals(message.capacity(), initiator.write(message, src));
                assertEquals(0, src.remaining());
                ByteBuffer read = kind.of(Bytes.remaining(message.flip()));
                ByteBuffer dst = kind.canBeWritten() ? kind.of(new byte[payload.length]) : ByteBuffer.allocate(payload.length);
                int start = dst.position();
                assertEquals(payload.length, responder.read(dst, read));
                assertArrayEquals(payload, Bytes.remaining(dst.position(start)));
            }
        }
    }

    @Test
    void shortBuffersAndLongPayloadsLeaveTheSessionAlive() throws Exception {
        try (NoiseSession initiator = initiator(Suite.AES_256_GCM); NoiseSession responder = responder(Suite.AES_256_GCM)) {
            shakeHands(initiator, responder);
            ByteBuffer src = ByteBuffer.wrap(new byte[100]);
            assertEquals(
                Status.BUFFER_TOO_SMALL,
                assertThrows(MegatorrentException.class, () -> initiator.write(ByteBuffer.allocate(115), src)).status());
            assertEquals(0, src.position());
            assertEquals(
                Status.LIMIT_EXCEEDED, assertThrows(MegatorrentException.class, () -> initiator.write(new byte[65_520])).status());
            byte[] message = initiator.write(new byte[100]);
            assertEquals(
                Status.BUFFER_TOO_SMALL,
                assertThrows(MegatorrentException.class, () -> responder.read(ByteBuffer.allocate(99), ByteBuffer.wrap(message))).status());
            assertArrayEquals(new byte[100], responder.read(message));
        }
    }

    @Test
    void aForgedMessageKillsTheSession() throws Exception {
        try (NoiseSession initiator = initiator(Suite.AES_256_GCM); NoiseSession responder = responder(Suite.AES_256_GCM)) {
            assertThrows(IllegalStateException.class, initiator::remoteKey);
            assertThrows(IllegalStateException.class, initiator::handshakeHash);
            shakeHands(initiator, responder);
            byte[] message = initiator.write(new byte[100]);
            message[50] ^= 1;
            assertEquals(Status.INTEGRITY, assertThrows(MegatorrentException.class, () -> responder.read(message)).status());
            assertEquals(NoiseSession.State.DEAD, responder.state());
            assertEquals(0, responder.writeBound(1));
            assertEquals(Status.STATE, assertThrows(MegatorrentException.class, () -> responder.write(new byte[1])).status());
        }
    }

    @Test
    void wrongArgumentsAreRefused() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> NoiseOptions.initiator(new byte[31]));
        assertThrows(NullPointerException.class, () -> NoiseOptions.responder(new byte[32]).prologue(null));
        try (NoiseSession session = initiator(Suite.AES_256_GCM)) {
            assertThrows(IllegalArgumentException.class, () -> session.writeBound(-1));
            assertThrows(NullPointerException.class, () -> session.write(null));
            byte[] array = new byte[300];
            assertThrows(
                IllegalArgumentException.class, () -> session.write(ByteBuffer.wrap(array, 0, 200), ByteBuffer.wrap(array, 199, 10)));
        }
        assertEquals(
            Status.MALFORMED,
            assertThrows(MegatorrentException.class, () -> PeerPayload.create("mtcred1:", initiatorKeys.publicKey())).status());
        assertThrows(IllegalArgumentException.class, () -> PeerPayload.check(new byte[1], new byte[31], new byte[32]));
        assertThrows(NullPointerException.class, () -> PeerPayload.check(null, new byte[32], new byte[32]));
    }
}
