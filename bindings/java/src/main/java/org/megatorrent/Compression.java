package org.megatorrent;

/** How chunks are compressed before they are sealed, where they look as if they would shrink. */
public enum Compression {
    /** Not at all. */
    NONE(1),
    /** zstd, the default. */
    ZSTD(2),
    /** LZ4. */
    LZ4(3),
    /** gzip. */
    GZIP(4),
    /** Brotli. */
    BROTLI(5);

    private final int code;

    Compression(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Compression of(long code) {
        for (Compression compression : values()) {
            if (compression.code == code) {
                return compression;
            }
        }
        throw new IllegalStateException("The library names a compression that this jar does not know: " + code);
    }
}
