package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KeysTest {
    @ParameterizedTest
    @EnumSource(Bytes.Kind.class)
    void everyBufferIsSignedAndVerified(Bytes.Kind kind) {
        KeyPair keys = Ed25519.generate();
        byte[] data = Bytes.random(1, 3000);
        ByteBuffer buffer = kind.of(data);
        byte[] signature = Ed25519.sign(keys.secret(), buffer);
        assertEquals(0, buffer.remaining());
        assertArrayEquals(signature, Ed25519.sign(keys.secret(), data));
        assertTrue(Ed25519.verify(keys.publicKey(), signature, kind.of(data)));
        data[2999] ^= 1;
        assertFalse(Ed25519.verify(keys.publicKey(), signature, data));
    }

    @Test
    void wrongLengthsAreRefused() {
        KeyPair keys = Ed25519.generate();
        byte[] signature = Ed25519.sign(keys.secret(), new byte[0]);
        assertThrows(IllegalArgumentException.class, () -> Ed25519.sign(new byte[31], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> Ed25519.publicKey(new byte[64]));
        assertThrows(IllegalArgumentException.class, () -> Ed25519.verify(keys.publicKey(), new byte[63], new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> Ed25519.verify(new byte[0], signature, new byte[0]));
        assertThrows(NullPointerException.class, () -> Ed25519.verify(keys.publicKey(), signature, (byte[]) null));
        assertThrows(NullPointerException.class, () -> Ed25519.sign(null, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> X25519.publicKey(new byte[33]));
        assertThrows(NullPointerException.class, () -> X25519.publicKey(null));
    }

    @Test
    void aKeyPairDoesNotShowItsSecret() {
        KeyPair keys = X25519.generate();
        assertArrayEquals(keys.publicKey(), X25519.publicKey(keys.secret()));
        assertFalse(keys.toString().contains(HexFormat.of().formatHex(keys.secret())));
        assertTrue(keys.toString().contains(HexFormat.of().formatHex(keys.publicKey())));
    }
}
