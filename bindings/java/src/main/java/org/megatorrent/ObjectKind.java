package org.megatorrent;

/** What a manifest or an object is of. */
public enum ObjectKind {
    /** A part of a tree of manifests, and whatever was opened without a key. */
    NODE,
    /** A file: one stream, its content. */
    FILE,
    /** A directory: two streams, the content of its files and the list of its entries. */
    DIRECTORY;

    private static final ObjectKind[] VALUES = values();

    int code() {
        return ordinal();
    }

    static ObjectKind of(long code) {
        return VALUES[(int) code];
    }
}
