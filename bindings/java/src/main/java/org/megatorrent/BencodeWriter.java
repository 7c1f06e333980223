package org.megatorrent;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * Writes a bencode document (BEP 3) in its canonical encoding. What breaks the rules is refused with an {@link IllegalStateException} and
 * writes nothing: a value where none is due, a key that is not greater than the one before, an end of nothing. A document that would be
 * over {@link Bencode#LENGTH_MAX}, or deeper than {@link Bencode#DEPTH_MAX}, is refused with an {@link IllegalArgumentException}.
 *
 * <pre>{@code
 * try (BencodeWriter writer = new BencodeWriter()) {
 *     byte[] document = writer.beginDictionary().key("length").integer(3).end().finish();
 * }
 * }</pre>
 */
public final class BencodeWriter implements AutoCloseable {
    private final Handle handle;

    /** Begins an empty document. */
    public BencodeWriter() {
        long[] created = new long[1];
        Check.sure(Native.bencodeWriterCreate(created));
        handle = new Handle(this, "writer", created[0], Native::bencodeWriterDestroy);
    }

    /**
     * Writes an integer.
     *
     * @param value the integer
     * @return this
     */
    public BencodeWriter integer(long value) {
        return done(Native.bencodeWriterInteger(handle.get(), value));
    }

    /**
     * Writes a byte string.
     *
     * @param value its bytes
     * @return this
     */
    public BencodeWriter bytes(byte[] value) {
        return done(Native.bencodeWriterBytes(handle.get(), value, 0, value.length));
    }

    /**
     * Writes a byte string.
     *
     * @param value a text, which is encoded as UTF-8
     * @return this
     */
    public BencodeWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes the key of the next value. Keys must come in ascending order of their bytes.
     *
     * @param value its bytes
     * @return this
     */
    public BencodeWriter key(byte[] value) {
        return done(Native.bencodeWriterKey(handle.get(), value, 0, value.length));
    }

    /**
     * Writes the key of the next value.
     *
     * @param value a text, which is encoded as UTF-8
     * @return this
     */
    public BencodeWriter key(String value) {
        return key(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Begins a list.
     *
     * @return this
     */
    public BencodeWriter beginList() {
        return done(Native.bencodeWriterBeginList(handle.get()));
    }

    /**
     * Begins a dictionary: keys and values follow in turn.
     *
     * @return this
     */
    public BencodeWriter beginDictionary() {
        return done(Native.bencodeWriterBeginDictionary(handle.get()));
    }

    /**
     * Ends the innermost list or dictionary.
     *
     * @return this
     */
    public BencodeWriter end() {
        return done(Native.bencodeWriterEnd(handle.get()));
    }

    /**
     * Returns the finished document.
     *
     * @return its bytes
     * @throws IllegalStateException if no value was written, or a list or dictionary is open
     */
    public byte[] finish() {
        int[] status = new int[1];
        byte[] document;
        try {
            document = Native.bencodeWriterFinish(handle.get(), status);
        } finally {
            Reference.reachabilityFence(this);
        }
        Check.sure(status[0]);
        return document;
    }

    /** Destroys the writer. */
    @Override
    public void close() {
        handle.close();
    }

    private BencodeWriter done(int status) {
        Reference.reachabilityFence(this);
        Check.sure(status);
        return this;
    }
}
