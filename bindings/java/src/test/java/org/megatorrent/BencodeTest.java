package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class BencodeTest {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aTreeIsReadAndWritten() throws Exception {
        byte[] document = ascii("d1:ali-1e0:lee1:b2:xy1:\u00ffi9223372036854775807ee");
        BencodeValue.Dictionary tree = (BencodeValue.Dictionary) Bencode.decode(document);
        assertEquals(
            new BencodeValue.Items(List.of(
                new BencodeValue.Int(-1), BencodeValue.Bytes.of(""), new BencodeValue.Items(List.of()))),
            tree.get("a"));
        assertEquals("xy", ((BencodeValue.Bytes) tree.get("b")).text());
        assertNull(tree.get("c"));
        assertArrayEquals(document, Bencode.encode(tree));
    }

    /** A map in any order comes out in the order of its keys. */
    @Test
    void keysAreSortedAsBytes() {
        TreeMap<BencodeValue.Bytes, BencodeValue> entries = new TreeMap<>();
        entries.put(new BencodeValue.Bytes(new byte[] {(byte) 0x80}), new BencodeValue.Int(1));
        entries.put(BencodeValue.Bytes.of("b"), new BencodeValue.Int(2));
        entries.put(BencodeValue.Bytes.of("ab"), new BencodeValue.Int(3));
        assertArrayEquals(ascii("d2:abi3e1:bi2e1:\u0080i1ee"), Bencode.encode(new BencodeValue.Dictionary(entries)));
    }

    @Test
    void nestingHasALimit() throws Exception {
        BencodeValue value = new BencodeValue.Items(List.of());
        for (int depth = 1; depth < Bencode.DEPTH_MAX; depth++) {
            value = new BencodeValue.Items(List.of(value));
        }
        assertEquals(value, Bencode.decode(Bencode.encode(value)));
        BencodeValue tooDeep = new BencodeValue.Items(List.of(value));
        assertThrows(IllegalArgumentException.class, () -> Bencode.encode(tooDeep));
        assertThrows(MegatorrentException.class, () -> Bencode.decode(ascii("l".repeat(33) + "e".repeat(33))));
    }

    @Test
    void theReaderSaysWhereATokenIs() throws Exception {
        try (BencodeReader reader = new BencodeReader(ascii("d3:keyi12ee"))) {
            assertThrows(IllegalStateException.class, reader::depth);
            assertEquals(BencodeReader.Token.DICTIONARY, reader.next());
            assertEquals(0, reader.depth());
            assertEquals(11, reader.length());
            assertThrows(IllegalStateException.class, reader::integer);
            assertThrows(IllegalStateException.class, reader::bytes);
            assertEquals(BencodeReader.Token.KEY, reader.next());
            assertEquals(3, reader.offset());
            assertArrayEquals(ascii("key"), reader.bytes());
            assertEquals(BencodeReader.Token.INTEGER, reader.next());
            assertEquals(12, reader.integer());
            assertEquals(1, reader.depth());
            assertThrows(IllegalStateException.class, reader::skip);
            assertEquals(BencodeReader.Token.END, reader.next());
            assertEquals(BencodeReader.Token.DOCUMENT_END, reader.next());
            assertEquals(BencodeReader.Token.DOCUMENT_END, reader.next());
        }
    }

    @Test
    void theWriterRefusesWhatBreaksTheRules() {
        try (BencodeWriter writer = new BencodeWriter()) {
            assertThrows(IllegalStateException.class, writer::finish);
            assertThrows(IllegalStateException.class, writer::end);
            writer.beginDictionary().key("b").text("1");
            assertThrows(IllegalStateException.class, () -> writer.key("a"));
            assertThrows(IllegalStateException.class, () -> writer.integer(1));
            assertThrows(NullPointerException.class, () -> writer.bytes(null));
            assertArrayEquals(ascii("d1:b1:1e"), writer.end().finish());
            assertArrayEquals(ascii("d1:b1:1e"), writer.finish());
        }
    }

    /** A document longer than what is copied first. */
    @Test
    void aLongDocumentComesOutWhole() throws Exception {
        List<BencodeValue> items = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            items.add(new BencodeValue.Bytes(Bytes.random(i, i)));
        }
        BencodeValue value = new BencodeValue.Items(items);
        assertEquals(value, Bencode.decode(Bencode.encode(value)));
    }
}
