package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CapabilityTest {
    @Test
    void bothKindsGoBothWays() throws Exception {
        Capability read = Capability.toRead(Bytes.random(1, 32), Bytes.random(2, 32), 1000, 2);
        assertTrue(read.text().startsWith("mt1:"));
        assertEquals(read, Capability.parse(read.text()));
        assertEquals(read.hashCode(), Capability.parse(read.text()).hashCode());
        assertArrayEquals(Bytes.random(2, 32), read.key().orElseThrow());
        assertEquals(1000, read.rootLength());
        assertEquals(2, read.parityShards());

        Capability verify = read.toVerify();
        assertTrue(verify.text().startsWith("mtv1:"));
        assertFalse(verify.canRead());
        assertTrue(verify.key().isEmpty());
        assertEquals(verify, Capability.toVerify(read.rootId(), 1000, 2));
        assertEquals(verify, verify.toVerify());
    }

    @Test
    void theSecretIsNotShown() throws Exception {
        Capability read = Capability.toRead(Bytes.random(1, 32), Bytes.random(2, 32), 1000, 2);
        assertFalse(read.toString().contains("mt1:"));
        assertTrue(read.toString().contains(Cid.format(read.rootId())));
    }

    @Test
    void wrongOnesAreRefused() {
        assertEquals(Status.MALFORMED, assertThrows(MegatorrentException.class, () -> Capability.parse("mt1:")).status());
        assertThrows(IllegalArgumentException.class, () -> Capability.parse("mt1:\0"));
        assertThrows(IllegalArgumentException.class, () -> Capability.parse("mt1:\ud800"));
        assertThrows(NullPointerException.class, () -> Capability.parse(null));
        assertThrows(IllegalArgumentException.class, () -> Capability.toVerify(new byte[31], 1000, 2));
        assertThrows(IllegalArgumentException.class, () -> Capability.toVerify(new byte[32], -1, 2));
        assertThrows(IllegalArgumentException.class, () -> Capability.toVerify(new byte[32], 1L << 32, 2));
        assertThrows(MegatorrentException.class, () -> Capability.toVerify(new byte[32], 1000, -2));
    }
}
