package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ManifestTest {
    private static final Instant BEFORE_1970 = Instant.ofEpochSecond(-3, 999_999_999);

    private static Manifest.DataBlob blob(int seed) {
        return new Manifest.DataBlob(1032, 1000, Bytes.random(seed, 32), Bytes.random(seed + 100, 32));
    }

    private static Manifest file() throws MegatorrentException {
        return Manifest.create(ObjectKind.FILE, "grün.txt", 0644, BEFORE_1970)
            .addStream(0)
            .addStripe(List.of(blob(1), blob(2)), 1, List.of(Bytes.random(3, 32)))
            .addStripe(List.of(blob(4)), 2, List.of());
    }

    @Test
    void aManifestIsMadeAndRead() throws Exception {
        SealedBlob sealed;
        try (Manifest made = file()) {
            sealed = made.seal(BlobOptions.DEFAULT);
        }
        try (Manifest read = Manifest.open(ByteBuffer.allocateDirect(sealed.bytes().length).put(sealed.bytes()).flip(), sealed.key())) {
            Manifest.Info info = read.info();
            assertEquals(new Manifest.Info(ObjectKind.FILE, "grün.txt", 0644, BEFORE_1970, 1, true), info);
            assertEquals(new Manifest.Stream(0, 3000, 2), read.stream(0));
            assertEquals(3, read.stripe(0, 0).ids());
            assertEquals(1, read.stripe(0, 1).ids());
            assertArrayEquals(blob(2).key(), read.blob(0, 0, 1).key().orElseThrow());
            assertArrayEquals(Bytes.random(3, 32), read.blob(0, 0, 2).id());
            assertTrue(read.blob(0, 0, 2).key().isEmpty());
            assertThrows(IllegalStateException.class, () -> read.addStream(0));
            assertThrows(IllegalArgumentException.class, () -> read.stream(1));
            assertThrows(IllegalArgumentException.class, () -> read.stripe(0, 2));
            assertThrows(IllegalArgumentException.class, () -> read.blob(0, -1, 0));
            assertThrows(IllegalArgumentException.class, () -> read.blob(0, 0, Integer.MAX_VALUE));
        }
        try (Manifest read = Manifest.openPublic(sealed.bytes())) {
            assertFalse(read.info().hasKeys());
            assertEquals("", read.info().name());
            assertTrue(read.blob(0, 0, 0).key().isEmpty());
        }
        assertEquals(
            Status.INTEGRITY, assertThrows(MegatorrentException.class, () -> Manifest.open(sealed.bytes(), new byte[32])).status());
    }

    @Test
    void wrongStripesAreRefused() throws Exception {
        try (Manifest manifest = Manifest.create(ObjectKind.NODE, "", 0, Instant.EPOCH)) {
            assertThrows(IllegalStateException.class, () -> manifest.addStripe(List.of(blob(1)), 2, List.of()));
            manifest.addStream(1);
            assertThrows(IllegalArgumentException.class, () -> manifest.addStripe(List.of(), 2, List.of()));
            assertThrows(IllegalArgumentException.class, () -> manifest.addStripe(List.of(blob(1), blob(2)), 2, List.of()));
            assertThrows(IllegalArgumentException.class, () -> manifest.addStripe(List.of(blob(1)), Integer.MAX_VALUE, List.of()));
            assertThrows(
                IllegalArgumentException.class, () -> manifest.addStripe(List.of(blob(1), blob(2)), 1, List.of(new byte[31])));
            assertThrows(NullPointerException.class, () -> manifest.seal(null));
        }
        assertThrows(IllegalArgumentException.class, () -> new Manifest.DataBlob(1, 1, new byte[31], new byte[32]));
        assertThrows(MegatorrentException.class, () -> Manifest.create(ObjectKind.FILE, "a/b", 0, Instant.EPOCH));
        assertThrows(IllegalArgumentException.class, () -> Manifest.create(ObjectKind.FILE, "a", 0, Instant.MAX));
    }

    @Test
    void everyTimeThatFitsGoesBothWays() {
        for (long time : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1_000_000_001, -1, 0, 1, Long.MAX_VALUE}) {
            assertEquals(time, Times.toUnixNs(Times.of(time)));
        }
        assertThrows(IllegalArgumentException.class, () -> Times.toUnixNs(Times.of(Long.MAX_VALUE).plusNanos(1)));
        assertThrows(IllegalArgumentException.class, () -> Times.toUnixNs(Times.of(Long.MIN_VALUE).minusNanos(1)));
    }
}
