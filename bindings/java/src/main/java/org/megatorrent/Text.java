package org.megatorrent;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/** Texts between Java and the library, which takes UTF-8 with a NUL at the end. */
final class Text {
    private Text() {
    }

    /** UTF-8 and a NUL; null for null. */
    static byte[] orNull(String text, String what) {
        return text == null ? null : bytes(text, what);
    }

    /** UTF-8 and a NUL. */
    static byte[] bytes(String text, String what) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " contains a NUL character.");
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining() + 1];
            encoded.get(bytes, 0, encoded.remaining());
            return bytes;
        } catch (CharacterCodingException exception) {
            throw new IllegalArgumentException(what + " contains half a surrogate pair.", exception);
        }
    }

    static String of(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static String ascii(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    /** The absolute path, byte for byte: through its URI, since a name need not be text in the character set of this JVM. */
    static byte[] path(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("The path " + path + " is not one of the default file system.");
        }
        String raw = path.toAbsolutePath().toUri().getRawPath();
        byte[] bytes = new byte[raw.length() + 1];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char character = raw.charAt(i);
            if (character == '%') {
                bytes[length++] = (byte) Integer.parseInt(raw, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) character;
            }
        }
        // A URI of a directory ends with a slash.
        if (length > 1 && bytes[length - 1] == '/') {
            bytes[--length] = 0;
        }
        return Arrays.copyOf(bytes, length + 1);
    }
}
