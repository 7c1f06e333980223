import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the index of the native libraries that go into the jar: {@code java Index.java FOLDER} makes {@code FOLDER/index}, which has a
 * line {@code SHA256 LENGTH PATH} for each file below the folder, in the order of their paths. org.megatorrent.Loader reads it.
 */
final class Index {
    private Index() {
    }

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        Path folder = Path.of(args[0]);
        Path index = folder.resolve("index");
        Files.deleteIfExists(index);
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        StringBuilder lines = new StringBuilder();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            lines.append(hash).append(' ').append(bytes.length).append(' ').append(folder.relativize(file)).append('\n');
        }
        Files.writeString(index, lines, StandardCharsets.US_ASCII);
    }
}
