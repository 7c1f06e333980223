package org.megatorrent;

/** Ciphers that blobs are sealed with and sessions encrypt with. */
public enum Suite {
    /** AES-256-GCM, the default. */
    AES_256_GCM(1),
    /** ChaCha20-Poly1305. */
    CHACHA20_POLY1305(2);

    private final int code;

    Suite(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Suite of(long code) {
        for (Suite suite : values()) {
            if (suite.code == code) {
                return suite;
            }
        }
        throw new IllegalStateException("The library names a suite that this jar does not know: " + code);
    }
}
