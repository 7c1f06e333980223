package org.megatorrent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Unpacks the native libraries that the jar carries, and loads them:
 *
 * <pre>
 *      org/megatorrent/native/linux-x64/index            a line a file: SHA-256, length, path
 *                                      /libmegatorrent_jni.so                       the glue; its rpath is the folder it lies in
 *                                      /libmegatorrent.so                           for x86-64-v3
 *                                      /glibc-hwcaps/x86-64-v4/libmegatorrent.so    for AVX-512: the loader of glibc picks
 * </pre>
 *
 * <p>They go to {@code ~/.cache/megatorrent/java/HASH}, where HASH is that of the index. Nobody else may be able to plant a library there:
 * every folder above it must belong to the user or to root and be writable by no one else, the folder itself is the user's alone, files
 * appear in it by an atomic rename, and each is hashed again before it is used. Where that cannot be had they go to a fresh temporary
 * folder, which is deleted as soon as they are loaded.
 */
final class Loader {
    static final String GLUE = "libmegatorrent_jni.so";
    private static final String LIBRARY = "libmegatorrent.so";
    private static final String HWCAPS = "glibc-hwcaps";
    private static final String PLATFORM = "linux-x64";
    private static final int BUFFER_LENGTH = 1 << 18;

    private static final int GROUP_OR_OTHERS = 0077;
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final FileAttribute<Set<PosixFilePermission>> ONLY_OURS =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private Loader() {
    }

    /** A file that the jar carries. */
    record Item(String sha256, long length, String path) {
        InputStream open() throws IOException {
            InputStream stream = Loader.class.getResourceAsStream("native/" + PLATFORM + "/" + path);
            if (stream == null) {
                throw new IOException("The jar lacks " + path + ".");
            }
            return stream;
        }
    }

    /** Loads the library, once; the static initializer of {@link Native} calls it. */
    static void load() {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!system.equals("Linux") || !(processor.equals("amd64") || processor.equals("x86_64"))) {
            throw new UnsatisfiedLinkError(
                "megatorrent has no native library for " + system + " on " + processor
                + ": this jar carries one for Linux on x86-64 (amd64).");
        }
        try {
            List<Item> items = index();
            String installed = System.getProperty(Megatorrent.LIBRARY_PATH, System.getenv(Megatorrent.LIBRARY_PATH_VARIABLE));
            if (installed != null) {
                loadInstalled(items, Path.of(installed).toAbsolutePath());
            } else {
                loadCarried(items);
            }
        } catch (IOException | UnsatisfiedLinkError failure) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(
                "megatorrent's native library cannot be loaded. It needs Linux on x86-64 with glibc 2.34 or later, OpenSSL 3, and a folder "
                + "from which libraries may be loaded: " + failure.getMessage());
            error.initCause(failure);
            throw error;
        }
    }

    static List<Item> index() throws IOException {
        List<Item> items = new ArrayList<>();
        Item index = new Item("", 0, "index");
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(index.open(), StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.split(" ");
                items.add(new Item(fields[0], Long.parseLong(fields[1]), fields[2]));
            }
        }
        return items;
    }

    private static void loadCarried(List<Item> items) throws IOException {
        Path folder;
        try {
            folder = unpack(items, cache());
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unsafe) {
            loadTemporary(items, null);
            return;
        }
        try {
            System.load(folder.resolve(GLUE).toString());
        } catch (UnsatisfiedLinkError error) {
            // A file serves one class loader only; another one needs a copy. Both share the library behind it.
            if (error.getMessage() == null || !error.getMessage().contains("another classloader")) {
                throw error;
            }
            loadTemporary(items, null);
        }
    }

    /** The glue looks for the library beside itself, so a folder is made in which it finds the installed one there. */
    private static void loadInstalled(List<Item> items, Path installed) throws IOException {
        if (!Files.isRegularFile(installed.resolve(LIBRARY))) {
            throw new IOException(Megatorrent.LIBRARY_PATH + " names " + installed + ", where no " + LIBRARY + " is.");
        }
        loadTemporary(items.stream().filter(item -> item.path.equals(GLUE)).toList(), installed);
    }

    private static void loadTemporary(List<Item> items, Path installed) throws IOException {
        Path folder = Files.createTempDirectory("megatorrent-", ONLY_OURS);
        try {
            for (Item item : items) {
                unpack(item, folder);
            }
            if (installed != null) {
                Files.createSymbolicLink(folder.resolve(LIBRARY), installed.resolve(LIBRARY));
                if (Files.isDirectory(installed.resolve(HWCAPS))) {
                    Files.createSymbolicLink(folder.resolve(HWCAPS), installed.resolve(HWCAPS));
                }
            }
            System.load(folder.resolve(GLUE).toString());
        } finally {
            delete(folder);
        }
    }

    private static Path cache() {
        String configured = System.getenv("XDG_CACHE_HOME");
        return configured != null && configured.startsWith("/")
            ? Path.of(configured)
            : Path.of(System.getProperty("user.home"), ".cache");
    }

    /**
     * Sees to it that every file lies in the cache as it should.
     *
     * @return the folder that holds them
     * @throws IOException if the cache cannot be written, or somebody else could write to it
     */
    static Path unpack(List<Item> items, Path cache) throws IOException {
        int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Files.createDirectories(cache);
        Path folder = cache.toRealPath();
        for (Path above = folder; above != null; above = above.getParent()) {
            mustBeSafe(above, user);
        }
        for (String name : new String[] {"megatorrent", "java", hash(items)}) {
            folder = makeOurs(folder.resolve(name), user);
        }
        for (Item item : items) {
            if (!isRight(folder.resolve(item.path), item, user)) {
                unpack(item, folder);
            }
        }
        return folder;
    }

    private static void unpack(Item item, Path folder) throws IOException {
        Path target = folder.resolve(item.path);
        Files.createDirectories(target.getParent(), ONLY_OURS);
        Path temporary = Files.createTempFile(target.getParent(), ".unpacking-", "");
        try {
            MessageDigest digest = sha256();
            try (InputStream from = item.open(); OutputStream to = Files.newOutputStream(temporary)) {
                byte[] buffer = new byte[BUFFER_LENGTH];
                for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                    digest.update(buffer, 0, length);
                    to.write(buffer, 0, length);
                }
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(item.sha256)) {
                throw new IOException("The jar is damaged: " + item.path + " is not what its index says.");
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Nobody but the user and root may rename what is in a folder. */
    private static void mustBeSafe(Path folder, int user) throws IOException {
        Map<String, Object> found = Files.readAttributes(folder, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
        int owner = (int) found.get("uid");
        int mode = (int) found.get("mode");
        if ((owner != user && owner != 0) || ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0)) {
            throw new IOException("Others can write to " + folder + ".");
        }
    }

    private static Path makeOurs(Path folder, int user) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(folder, ONLY_OURS);
            } catch (FileAlreadyExistsException meanwhile) {
                // Another process: it is looked at below like any other.
            }
        }
        Map<String, Object> found = Files.readAttributes(folder, "unix:mode,uid,isDirectory", LinkOption.NOFOLLOW_LINKS);
        if (!(boolean) found.get("isDirectory") || (int) found.get("uid") != user || ((int) found.get("mode") & GROUP_OR_OTHERS) != 0) {
            throw new IOException(folder + " is not a folder of this user alone.");
        }
        return folder;
    }

    private static boolean isRight(Path file, Item item, int user) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Map<String, Object> found = Files.readAttributes(file, "unix:size,uid", LinkOption.NOFOLLOW_LINKS);
        if ((int) found.get("uid") != user || (long) found.get("size") != item.length) {
            return false;
        }
        MessageDigest digest = sha256();
        try (InputStream from = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_LENGTH];
            for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(item.sha256);
    }

    private static String hash(List<Item> items) {
        MessageDigest digest = sha256();
        for (Item item : items) {
            digest.update((item.sha256 + " " + item.path + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException("Every JVM has SHA-256.", exception);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
