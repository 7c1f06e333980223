package org.megatorrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Bencode (BEP 3) as a tree, in its canonical encoding: one value, one encoding. */
public final class Bencode {
    /** The deepest nesting. */
    public static final int DEPTH_MAX = 32;

    /** The longest document that is read or written, in bytes. */
    public static final int LENGTH_MAX = 16_777_216;

    private Bencode() {
    }

    /**
     * Reads a document.
     *
     * @param document exactly one value in its canonical encoding
     * @return the value
     * @throws MegatorrentException {@link Status#MALFORMED}: what is wrong, and at which offset; {@link Status#LIMIT_EXCEEDED}: it is
     *     longer than {@link #LENGTH_MAX}
     */
    public static BencodeValue decode(byte[] document) throws MegatorrentException {
        try (BencodeReader reader = new BencodeReader(document)) {
            return read(reader, reader.next());
        }
    }

    /**
     * Writes a document.
     *
     * @param value the value
     * @return its canonical encoding
     * @throws IllegalArgumentException if it is nested deeper than {@link #DEPTH_MAX} or would be longer than {@link #LENGTH_MAX}
     */
    public static byte[] encode(BencodeValue value) {
        try (BencodeWriter writer = new BencodeWriter()) {
            write(writer, value);
            return writer.finish();
        }
    }

    // The reader has refused what is deeper than DEPTH_MAX, and the writer does.

    private static BencodeValue read(BencodeReader reader, BencodeReader.Token token) {
        return switch (token) {
            case INTEGER -> new BencodeValue.Int(reader.integer());
            case BYTES, KEY -> new BencodeValue.Bytes(reader.bytes());
            case LIST -> {
                List<BencodeValue> items = new ArrayList<>();
                for (BencodeReader.Token next = reader.next(); next != BencodeReader.Token.END; next = reader.next()) {
                    items.add(read(reader, next));
                }
                yield new BencodeValue.Items(items);
            }
            case DICTIONARY -> {
                TreeMap<BencodeValue.Bytes, BencodeValue> entries = new TreeMap<>();
                while (reader.next() != BencodeReader.Token.END) {
                    BencodeValue.Bytes key = new BencodeValue.Bytes(reader.bytes());
                    entries.put(key, read(reader, reader.next()));
                }
                yield new BencodeValue.Dictionary(entries);
            }
            case END, DOCUMENT_END -> throw new IllegalStateException("The library has ended a document that it had checked.");
        };
    }

    private static void write(BencodeWriter writer, BencodeValue value) {
        if (value instanceof BencodeValue.Int integer) {
            writer.integer(integer.value());
        } else if (value instanceof BencodeValue.Bytes bytes) {
            writer.bytes(bytes.value());
        } else if (value instanceof BencodeValue.Items list) {
            writer.beginList();
            for (BencodeValue item : list.items()) {
                write(writer, item);
            }
            writer.end();
        } else if (value instanceof BencodeValue.Dictionary dictionary) {
            writer.beginDictionary();
            for (Map.Entry<BencodeValue.Bytes, BencodeValue> entry : dictionary.entries().entrySet()) {
                writer.key(entry.getKey().value());
                write(writer, entry.getValue());
            }
            writer.end();
        } else {
            throw new NullPointerException("value");
        }
    }
}
