package org.megatorrent.suite;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The files of tests/vectors. */
final class Vectors {
    private final Path folder;
    private final Map<String, JsonObject> files = new HashMap<>();

    Vectors(Path folder) {
        this.folder = folder;
    }

    /** The folder above tests/vectors. */
    Path root() {
        return folder.toAbsolutePath().normalize().getParent().getParent();
    }

    /** The entries of a list in a file. */
    List<Case> cases(String file, String list) {
        return Case.list(files.computeIfAbsent(file, this::read).getAsJsonArray(list));
    }

    /** The entry with a name. */
    Case named(String file, String list, String name) {
        return cases(file, list).stream().filter(each -> each.text("name").equals(name)).findFirst().orElseThrow();
    }

    private JsonObject read(String file) {
        try (Reader reader = Files.newBufferedReader(folder.resolve(file + ".json"))) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException exception) {
            throw new IllegalStateException(exception);
        }
    }

    /** The generator of erasure.json. */
    static final class Pattern {
        private int x;

        Pattern(long seed) {
            x = (int) seed;
        }

        byte next() {
            x = x * 1664525 + 1013904223;
            return (byte) (x >>> 24);
        }

        /** A number from 0 to below a bound, of four bytes. */
        int below(int bound) {
            long value = 0;
            for (int i = 0; i < 4; i++) {
                value = value << 8 | next() & 0xff;
            }
            return (int) (value % bound);
        }

        byte[] bytes(int length) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = next();
            }
            return bytes;
        }
    }

    static byte[] pattern(int seed, int length) {
        return new Pattern(seed).bytes(length);
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    /** One object of a file. */
    record Case(JsonObject json) {
        static List<Case> list(JsonArray array) {
            List<Case> cases = new ArrayList<>();
            for (JsonElement each : array) {
                cases.add(new Case(each.getAsJsonObject()));
            }
            return cases;
        }

        List<Case> cases(String name) {
            return list(json.getAsJsonArray(name));
        }

        Case inner(String name) {
            return new Case(json.getAsJsonObject(name));
        }

        boolean has(String name) {
            return json.has(name);
        }

        String text(String name) {
            return json.get(name).getAsString();
        }

        List<String> texts(String name) {
            List<String> texts = new ArrayList<>();
            for (JsonElement each : json.getAsJsonArray(name)) {
                texts.add(each.getAsString());
            }
            return texts;
        }

        boolean flag(String name) {
            return json.get(name).getAsBoolean();
        }

        int integer(String name) {
            return json.get(name).getAsInt();
        }

        /** A number of up to 64 bits, unsigned where it is not negative. */
        long number(String name) {
            return json.get(name).getAsBigInteger().longValue();
        }

        /** Hex, or a pattern. */
        byte[] bytes(String name) {
            JsonElement value = json.get(name);
            if (value.isJsonPrimitive()) {
                return hex(value.getAsString());
            }
            Case pattern = new Case(value.getAsJsonObject());
            return pattern(pattern.integer("pattern"), pattern.integer("length"));
        }

        /** What it is called, for messages. */
        String name() {
            return has("name") ? text("name") : json.toString();
        }
    }
}
