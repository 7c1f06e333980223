package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BlobTest {
    private static final BlobOptions PLAIN = BlobOptions.builder().compression(Compression.NONE).build();

    @ParameterizedTest
    @EnumSource(Bytes.Kind.class)
    void everyBufferIsSealedAndOpened(Bytes.Kind kind) throws Exception {
        for (BlobOptions options : new BlobOptions[] {PLAIN, BlobOptions.DEFAULT}) {
            byte[] chunk = new byte[100_000];
            ByteBuffer src = kind.of(chunk);
            Bytes.Kind out = kind.canBeWritten() ? kind : Bytes.Kind.DIRECT;
            ByteBuffer dst = out.of(new byte[Blob.bound(chunk.length)]);
            int start = dst.position();
            BlobKey key = Blob.seal(dst, src, options);
            assertEquals(0, src.remaining());
            dst.limit(dst.position()).position(start);
            assertArrayEquals(Hashes.sha256(dst.duplicate()), key.id());

            BlobInfo info = Blob.inspect(dst);
            assertEquals(chunk.length, info.plaintextLength());
            ByteBuffer sealed = kind.of(Bytes.remaining(dst));
            ByteBuffer opened = out.of(new byte[chunk.length]);
            start = opened.position();
            assertEquals(chunk.length, Blob.open(opened, sealed, key.key()));
            assertEquals(0, sealed.remaining());
            assertArrayEquals(chunk, Bytes.remaining(opened.position(start)));
        }
    }

    @Test
    void arraysAreSealedAndOpened() throws Exception {
        byte[] chunk = "a chunk, ".repeat(1000).getBytes();
        SealedBlob blob = Blob.seal(chunk);
        assertTrue(blob.bytes().length < chunk.length);
        assertArrayEquals(chunk, Blob.open(blob.bytes(), blob.key()));
        assertFalse(blob.toString().contains(HexFormat.of().formatHex(blob.key())));
        SealedBlob empty = Blob.seal(new byte[0]);
        assertEquals(0, Blob.open(empty.bytes(), empty.key()).length);
    }

    @Test
    void aChangedBlobIsRefusedAndLeavesNothing() {
        byte[] chunk = Bytes.random(4, 5000);
        SealedBlob blob = Blob.seal(chunk, PLAIN);
        blob.bytes()[2000] ^= 1;
        ByteBuffer dst = ByteBuffer.allocate(5000);
        ByteBuffer src = ByteBuffer.wrap(blob.bytes());
        MegatorrentException failure = assertThrows(MegatorrentException.class, () -> Blob.open(dst, src, blob.key()));
        assertEquals(Status.INTEGRITY, failure.status());
        assertEquals(0, dst.position());
        assertEquals(0, src.position());
        assertArrayEquals(new byte[5000], dst.array());
    }

    @Test
    void shortDestinationsAreRefusedAndNotTouched() {
        byte[] chunk = Bytes.random(5, 1000);
        ByteBuffer dst = ByteBuffer.allocate(Blob.bound(chunk.length) - 1);
        IllegalArgumentException refused = assertThrows(
            IllegalArgumentException.class, () -> Blob.seal(dst, ByteBuffer.wrap(chunk), PLAIN));
        assertEquals(Status.BUFFER_TOO_SMALL, ((MegatorrentException) refused.getCause()).status());
        assertArrayEquals(new byte[dst.capacity()], dst.array());

        SealedBlob blob = Blob.seal(chunk, PLAIN);
        ByteBuffer opened = ByteBuffer.allocateDirect(999);
        MegatorrentException failure = assertThrows(
            MegatorrentException.class, () -> Blob.open(opened, ByteBuffer.wrap(blob.bytes()), blob.key()));
        assertEquals(Status.BUFFER_TOO_SMALL, failure.status());
        assertArrayEquals(new byte[999], Bytes.remaining(opened));
    }

    @Test
    void wrongArgumentsAreRefused() {
        SealedBlob blob = Blob.seal(new byte[10]);
        byte[] array = new byte[200];
        ByteBuffer direct = ByteBuffer.allocateDirect(200);
        assertThrows(IllegalArgumentException.class, () -> Blob.open(blob.bytes(), new byte[31]));
        assertThrows(NullPointerException.class, () -> Blob.open(blob.bytes(), null));
        assertThrows(NullPointerException.class, () -> Blob.seal((byte[]) null));
        assertThrows(NullPointerException.class, () -> Blob.seal(new byte[1], null));
        assertThrows(IllegalArgumentException.class, () -> Blob.bound(-1));
        assertThrows(IllegalArgumentException.class, () -> Blob.bound(Blob.PLAINTEXT_LENGTH_MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> Blob.seal(new byte[Blob.PLAINTEXT_LENGTH_MAX + 1]));
        assertThrows(IllegalArgumentException.class, () -> BlobOptions.builder().tenantSecret(new byte[33]));
        assertThrows(
            IllegalArgumentException.class, () -> Blob.seal(ByteBuffer.wrap(array, 0, 150), ByteBuffer.wrap(array, 149, 50), PLAIN));
        assertThrows(IllegalArgumentException.class, () -> Blob.seal(direct.slice(0, 150), direct.slice(149, 50), PLAIN));
        assertThrows(
            ReadOnlyBufferException.class, () -> Blob.seal(ByteBuffer.allocate(99).asReadOnlyBuffer(), ByteBuffer.allocate(1), PLAIN));
        assertEquals(
            Status.MALFORMED, assertThrows(MegatorrentException.class, () -> Blob.inspect(ByteBuffer.allocateDirect(0))).status());
    }

    @Test
    void theLongestChunkIsSealedFromEveryMemory() throws Exception {
        byte[] chunk = Bytes.random(6, Blob.PLAINTEXT_LENGTH_MAX);
        SealedBlob blob = Blob.seal(chunk, BlobOptions.builder().suite(Suite.CHACHA20_POLY1305).build());
        ByteBuffer opened = ByteBuffer.allocateDirect(chunk.length);
        Blob.open(opened, ByteBuffer.wrap(blob.bytes()), blob.key());
        assertEquals(ByteBuffer.wrap(chunk), opened.flip());
    }
}
