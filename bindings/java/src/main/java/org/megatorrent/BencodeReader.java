package org.megatorrent;

import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * Reads a bencode document (BEP 3) token by token. Only the canonical encoding is read: one value, one encoding. Use from one thread at a
 * time.
 *
 * <pre>{@code
 * try (BencodeReader reader = new BencodeReader(document)) {
 *     while (reader.next() != BencodeReader.Token.DOCUMENT_END) {
 *         ...
 *     }
 * }
 * }</pre>
 */
public final class BencodeReader implements AutoCloseable {
    /** What a token is. */
    public enum Token {
        /** An integer. */
        INTEGER,
        /** A byte string that is no key. */
        BYTES,
        /** A list begins. */
        LIST,
        /** A dictionary begins: keys and values follow in turn. */
        DICTIONARY,
        /** The key of the value that follows. */
        KEY,
        /** The innermost list or dictionary ends. */
        END,
        /** Nothing follows, however often one asks. */
        DOCUMENT_END;

        private static final Token[] BY_CODE = values();
    }

    private final byte[] document;
    private final Handle handle;
    private final long[] token = new long[5];
    private Token type;

    /**
     * Reads a document, checks the whole of it, and stands before its first token.
     *
     * @param document the document, which is not copied and must not change
     * @throws MegatorrentException {@link Status#MALFORMED}: what is wrong, and at which offset; {@link Status#LIMIT_EXCEEDED}: it is
     *     longer than {@link Bencode#LENGTH_MAX}
     */
    public BencodeReader(byte[] document) throws MegatorrentException {
        long[] created = new long[1];
        Check.status(Native.bencodeReaderCreate(created, document, 0, document.length));
        this.document = document;
        handle = new Handle(this, "reader", created[0], Native::bencodeReaderDestroy);
    }

    /**
     * Reads the next token; the other methods then say more about it.
     *
     * @return what it is
     */
    public Token next() {
        try {
            Check.sure(Native.bencodeReaderNext(handle.get(), token));
        } finally {
            Reference.reachabilityFence(this);
        }
        type = Token.BY_CODE[(int) token[0] - 1];
        return type;
    }

    /**
     * Skips the next value, whatever it is: after a key, or between the items of a list.
     *
     * @throws IllegalStateException if no value is next
     */
    public void skip() {
        try {
            Check.sure(Native.bencodeReaderSkip(handle.get()));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Returns how many lists and dictionaries are open around the token; a beginning and its end have the same.
     *
     * @return the depth
     */
    public int depth() {
        mustHaveToken();
        return (int) token[1];
    }

    /**
     * Returns the integer.
     *
     * @return the integer
     * @throws IllegalStateException if the token is none
     */
    public long integer() {
        if (type != Token.INTEGER) {
            throw new IllegalStateException("The token is no integer.");
        }
        return token[2];
    }

    /**
     * Returns a copy of the byte string or key.
     *
     * @return its bytes
     * @throws IllegalStateException if the token is neither
     */
    public byte[] bytes() {
        if (type != Token.BYTES && type != Token.KEY) {
            throw new IllegalStateException("The token is no byte string and no key.");
        }
        return Arrays.copyOfRange(document, offset(), offset() + length());
    }

    /**
     * Returns where the content of a byte string or key begins in the document; of others where the token begins.
     *
     * @return the index of the first byte
     */
    public int offset() {
        mustHaveToken();
        return (int) token[3];
    }

    /**
     * Returns the length of the content of a byte string or key; of a list or dictionary that of the whole of it; of others that of the
     * token.
     *
     * @return the length in bytes
     */
    public int length() {
        mustHaveToken();
        return (int) token[4];
    }

    /** Destroys the reader. */
    @Override
    public void close() {
        handle.close();
    }

    private void mustHaveToken() {
        if (type == null) {
            throw new IllegalStateException("No token was read yet.");
        }
    }
}
