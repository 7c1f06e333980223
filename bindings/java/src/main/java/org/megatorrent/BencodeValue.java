package org.megatorrent;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A value of a bencode document, as {@link Bencode} reads and writes it. */
public sealed interface BencodeValue {
    /**
     * An integer.
     *
     * @param value its value
     */
    record Int(long value) implements BencodeValue {
    }

    /**
     * A byte string, or the key of a dictionary; in order as BEP 3 has it, byte by byte, unsigned. The array must not change.
     *
     * @param value its bytes
     */
    record Bytes(byte[] value) implements BencodeValue, Comparable<Bytes> {
        /**
         * The byte string of a text in UTF-8.
         *
         * @param text the text
         * @return the byte string
         */
        public static Bytes of(String text) {
            return new Bytes(text.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * Returns the text that the bytes are in UTF-8, with a replacement character for what is none.
         *
         * @return the text
         */
        public String text() {
            return new String(value, StandardCharsets.UTF_8);
        }

        @Override
        public int compareTo(Bytes other) {
            return Arrays.compareUnsigned(value, other.value);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }
    }

    /**
     * A list.
     *
     * @param items its items, which are copied
     */
    record Items(List<BencodeValue> items) implements BencodeValue {
        /**
         * Copies the items.
         *
         * @param items the items
         */
        public Items {
            items = List.copyOf(items);
        }
    }

    /**
     * A dictionary.
     *
     * @param entries its entries in the order of their keys, which are copied
     */
    record Dictionary(SortedMap<Bytes, BencodeValue> entries) implements BencodeValue {
        /**
         * Copies the entries.
         *
         * @param entries the entries
         */
        public Dictionary {
            entries = Collections.unmodifiableSortedMap(new TreeMap<>((Map<Bytes, BencodeValue>) entries));
        }

        /**
         * Returns the value of a key.
         *
         * @param key the key, as a text
         * @return the value, or null if there is none
         */
        public BencodeValue get(String key) {
            return entries.get(Bytes.of(key));
        }
    }
}
