package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every number that crosses the boundary is that of megatorrent.h, whose path the build gives in megatorrent.header. */
final class HeaderTest {
    private static final Pattern DEFINE = Pattern.compile("#define MT_(\\w+) \\(?(-?\\d+)u?\\)?");

    private final Map<String, Integer> header = new HashMap<>();

    HeaderTest() throws IOException {
        Matcher found = DEFINE.matcher(Files.readString(Path.of(System.getProperty("megatorrent.header"))));
        while (found.find()) {
            header.put(found.group(1), Integer.valueOf(found.group(2)));
        }
    }

    private Map<String, Integer> of(String prefix) {
        Map<String, Integer> values = new TreeMap<>();
        header.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                values.put(name.substring(prefix.length()), value);
            }
        });
        return values;
    }

    @Test
    void everyStatusIsThere() {
        Map<String, Integer> values = new TreeMap<>();
        for (Status status : Status.values()) {
            if (status != Status.OK && status != Status.UNKNOWN) {
                values.put(status.name(), status.code());
                assertEquals("MT_ERROR_" + status.name(), Native.statusName(status.code()));
            }
        }
        assertEquals(of("ERROR_"), values);
        assertEquals(header.get("OK"), Status.OK.code());
        assertEquals("MT_ERROR_UNKNOWN", Native.statusName(Status.UNKNOWN.code()));
        assertEquals(Status.UNKNOWN, Status.of(-1000));
    }

    @Test
    void everyEnumIsThere() {
        Map<String, Integer> suites = new TreeMap<>();
        for (Suite suite : Suite.values()) {
            suites.put(suite.name(), suite.code());
        }
        assertEquals(of("SUITE_"), suites);

        Map<String, Integer> compressions = new TreeMap<>();
        for (Compression compression : Compression.values()) {
            compressions.put(compression.name(), compression.code());
        }
        assertEquals(of("COMPRESSION_"), compressions);

        Map<String, Integer> types = new TreeMap<>();
        for (WireType type : WireType.values()) {
            types.put(type.name(), type.code());
        }
        Map<String, Integer> expected = of("WIRE_");
        assertEquals(expected.remove("FLAG_LAST"), WireMessage.FLAG_LAST);
        assertEquals(expected.remove("FLAG_UPLOAD"), WireMessage.FLAG_UPLOAD);
        assertEquals(expected.remove("HEADER_LENGTH"), Wire.HEADER_LENGTH);
        assertEquals(expected.remove("FRAME_LENGTH_MAX"), Wire.FRAME_LENGTH_MAX);
        assertEquals(expected, types);

        Map<String, Integer> levels = new TreeMap<>();
        for (LogLevel level : LogLevel.values()) {
            levels.put(level.name(), level.code());
            assertEquals(level, LogLevel.of(level.code()));
        }
        assertEquals(of("LOG_"), levels);

        for (BencodeReader.Token token : BencodeReader.Token.values()) {
            assertEquals(header.get("BENCODE_" + token.name()), token.ordinal() + 1);
        }
        for (ObjectKind kind : ObjectKind.values()) {
            assertEquals(header.get("MANIFEST_" + kind.name()), kind.code());
        }
        for (ObjectHandle.EntryKind kind : ObjectHandle.EntryKind.values()) {
            assertEquals(header.get("ENTRY_" + kind.name()), kind.ordinal() + 1);
        }
        for (NoiseSession.State state : NoiseSession.State.values()) {
            assertEquals(header.get("NOISE_" + state.name()), state.ordinal() + 1);
        }
    }

    @Test
    void everyConstantIsTheSame() {
        assertEquals(header.get("SHA256_LENGTH"), Hashes.LENGTH);
        assertEquals(header.get("MERKLE_BLOCK_LENGTH"), Hashes.MERKLE_BLOCK_LENGTH);
        assertEquals(header.get("CID_TEXT_LENGTH"), Cid.TEXT_LENGTH);
        assertEquals(header.get("ID_LENGTH"), Cid.ID_LENGTH);
        assertEquals(header.get("RS_SHARDS_MAX"), ReedSolomon.SHARDS_MAX);
        assertEquals(header.get("BLOB_PLAINTEXT_LENGTH_MAX"), Blob.PLAINTEXT_LENGTH_MAX);
        assertEquals(header.get("BLOB_OVERHEAD"), Blob.OVERHEAD);
        assertEquals(header.get("KEY_LENGTH"), Blob.KEY_LENGTH);
        assertEquals(header.get("ED25519_SEED_LENGTH"), Ed25519.SEED_LENGTH);
        assertEquals(header.get("ED25519_PUBLIC_KEY_LENGTH"), Ed25519.PUBLIC_KEY_LENGTH);
        assertEquals(header.get("ED25519_SIGNATURE_LENGTH"), Ed25519.SIGNATURE_LENGTH);
        assertEquals(header.get("X25519_KEY_LENGTH"), X25519.KEY_LENGTH);
        assertEquals(header.get("BENCODE_DEPTH_MAX"), Bencode.DEPTH_MAX);
        assertEquals(header.get("BENCODE_LENGTH_MAX"), Bencode.LENGTH_MAX);
        assertEquals(header.get("MANIFEST_LENGTH_MAX"), Manifest.LENGTH_MAX);
        assertEquals(header.get("NOISE_MESSAGE_LENGTH_MAX"), NoiseSession.MESSAGE_LENGTH_MAX);
        assertEquals(header.get("NOISE_OVERHEAD_MAX"), NoiseSession.OVERHEAD_MAX);
        assertEquals(header.get("PEER_PAYLOAD_LENGTH_MAX"), PeerPayload.LENGTH_MAX);
    }

    @Test
    void theLibraryIsTheOneOfTheHeader() {
        assertEquals(header.get("ABI_VERSION_MAJOR") << 16 | header.get("ABI_VERSION_MINOR"), Megatorrent.abiVersion());
        assertEquals(System.getProperty("megatorrent.version"), Megatorrent.version());
    }
}
