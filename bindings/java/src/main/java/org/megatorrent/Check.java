package org.megatorrent;

/** Turns what native methods return into exceptions: a negative number is a status of the library. */
final class Check {
    private Check() {
    }

    /** For what can fail for reasons outside of the program. */
    static int status(int result) throws MegatorrentException {
        if (result < 0) {
            throw failed(result);
        }
        return result;
    }

    /** For what can fail only because of its arguments or the state of its object. */
    static int sure(int result) {
        if (result < 0) {
            throw wrong(result);
        }
        return result;
    }

    /** The exception for a status, with the last error of this thread. */
    static MegatorrentException failed(int code) {
        String detail = Text.of(Native.lastError());
        // The handles are ours: one that the library does not know was closed by another thread just now.
        if (code == Status.INVALID_HANDLE.code()) {
            throw new IllegalStateException("It was closed meanwhile: " + detail);
        }
        return new MegatorrentException(code, detail);
    }

    private static RuntimeException wrong(int code) {
        MegatorrentException cause = failed(code);
        switch (cause.status()) {
            case INVALID_ARGUMENT, NULL_POINTER, LENGTH, STRUCT_SIZE, UNSUPPORTED, BUFFER_TOO_SMALL, OVERLAP, MALFORMED, LIMIT_EXCEEDED:
                return new IllegalArgumentException(cause.detail(), cause);
            case OUT_OF_MEMORY:
                throw new OutOfMemoryError(cause.detail());
            default:
                return new IllegalStateException(cause.detail(), cause);
        }
    }

    /** The bytes of an array that must have a certain length, such as a key. */
    static byte[] length(byte[] bytes, int length, String what) {
        if (bytes.length != length) {
            throw new IllegalArgumentException(what + " has " + bytes.length + " bytes, not " + length + ".");
        }
        return bytes;
    }

    /** An unsigned number of 32 bits. */
    static int unsigned(long value, String what) {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException(what + " is " + value + ", not from 0 to 4,294,967,295.");
        }
        return (int) value;
    }
}
