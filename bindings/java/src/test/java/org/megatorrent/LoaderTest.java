package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library comes from. */
final class LoaderTest {
    private static final String LIBRARY = "libmegatorrent.so";

    @TempDir
    Path folder;

    /** Prints what a JVM of its own has loaded, and what changed in its signals. */
    static final class Show {
        public static void main(String[] args) throws IOException {
            String ignored = signalsIgnored();
            System.out.println("version " + Megatorrent.version());
            System.out.println("level " + Megatorrent.processor().level());
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                if (line.contains("libmegatorrent") && line.contains("r-xp")) {
                    System.out.println("loaded " + line.substring(line.indexOf('/')));
                }
            }
            System.out.println("signals " + ignored.equals(signalsIgnored()));
        }

        private static String signalsIgnored() throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("SigIgn")).findFirst().get();
        }
    }

    private Child show(List<String> options, Map<String, String> environment) throws Exception {
        return Child.run(Show.class, options, environment);
    }

    private Map<String, String> cache(Path path) {
        return Map.of("XDG_CACHE_HOME", path.toString());
    }

    private static boolean hasAvx512() throws IOException {
        String flags = Files.readString(Path.of("/proc/cpuinfo"));
        return Stream.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl").allMatch(flags::contains);
    }

    @Test
    void theJarUnpacksIntoTheCacheAndTheBuildSuitsTheProcessor() throws Exception {
        for (int i = 0; i < 2; i++) {
            Child child = show(List.of(), cache(folder));
            assertEquals(0, child.exitCode, child.output);
            assertTrue(child.output.contains("loaded " + folder.toRealPath().resolve("megatorrent")), child.output);
            assertEquals(hasAvx512(), child.output.contains("glibc-hwcaps/x86-64-v4/" + LIBRARY), child.output);
            assertEquals(hasAvx512(), child.output.contains("level x86-64-v4"), child.output);
            assertTrue(child.output.contains("signals true"), child.output);
        }
    }

    @Test
    void aCacheThatCannotBeUsedIsDoneWithout() throws Exception {
        Child child = show(List.of("-Djava.io.tmpdir=" + folder), cache(Path.of("/proc/none")));
        assertEquals(0, child.exitCode, child.output);
        assertTrue(child.output.contains("loaded " + folder.toRealPath() + "/megatorrent-"), child.output);
        assertTrue(child.output.contains("(deleted)"), child.output);
        assertEquals(List.of(), list(folder));
    }

    @Test
    void anInstalledLibraryIsUsedWhenAskedFor() throws Exception {
        Path installed = Files.createDirectory(folder.resolve("installed"));
        for (Loader.Item item : Loader.index()) {
            if (item.path().equals(LIBRARY)) {
                Files.copy(item.open(), installed.resolve(LIBRARY));
            }
        }
        for (Child child : new Child[] {
            show(List.of("-D" + Megatorrent.LIBRARY_PATH + "=" + installed), cache(folder)),
            show(List.of(), Map.of(Megatorrent.LIBRARY_PATH_VARIABLE, installed.toString()))}) {
            assertEquals(0, child.exitCode, child.output);
            assertTrue(child.output.contains("loaded " + installed.toRealPath().resolve(LIBRARY)), child.output);
            assertFalse(child.output.contains("hwcaps"), child.output);
        }

        Child child = show(List.of("-D" + Megatorrent.LIBRARY_PATH + "=" + folder), cache(folder));
        assertNotEquals(0, child.exitCode);
        assertTrue(child.output.contains("names " + folder + ", where no " + LIBRARY + " is"), child.output);
    }

    @Test
    void anotherPlatformIsToldWhatIsMissing() throws Exception {
        Child child = show(List.of("-Dos.name=Mac OS X", "-Dos.arch=aarch64"), cache(folder));
        assertNotEquals(0, child.exitCode);
        assertTrue(
            child.output.contains("UnsatisfiedLinkError: megatorrent has no native library for Mac OS X on aarch64"), child.output);
    }

    @Test
    void whatIsNoLibraryIsRefused() throws Exception {
        Path fake = Files.createDirectory(folder.resolve("fake"));
        Files.writeString(fake.resolve(LIBRARY), "not a library");
        Child child = show(List.of("-D" + Megatorrent.LIBRARY_PATH + "=" + fake), cache(folder));
        assertNotEquals(0, child.exitCode);
        assertTrue(child.output.contains("UnsatisfiedLinkError: megatorrent's native library cannot be loaded"), child.output);
    }

    /** The library would end the process. */
    @Test
    void aMissingOpenSslIsSaidBeforeItIsNeeded() throws Exception {
        for (String name : new String[] {"libssl.so.3", "libssl.so.1.1"}) {
            Files.writeString(folder.resolve(name), "not a library");
        }
        Child child = show(List.of(), Map.of("XDG_CACHE_HOME", folder.toString(), "LD_LIBRARY_PATH", folder.toString()));
        assertNotEquals(0, child.exitCode);
        assertTrue(child.output.contains("OpenSSL 3 (libssl.so.3) is not installed"), child.output);
    }

    @Test
    void whatIsInTheCacheIsCheckedBeforeItIsUsed() throws Exception {
        List<Loader.Item> items = Loader.index();
        Path unpacked = Loader.unpack(items, folder);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked)));
        Path library = unpacked.resolve(LIBRARY);
        byte[] right = Files.readAllBytes(library);

        byte[] planted = right.clone();
        planted[planted.length / 2] ^= 1;
        Files.write(library, planted);
        assertEquals(unpacked, Loader.unpack(items, folder));
        assertArrayEquals(right, Files.readAllBytes(library));

        Path elsewhere = Files.write(folder.resolve("elsewhere"), right);
        Files.delete(library);
        Files.createSymbolicLink(library, elsewhere);
        Loader.unpack(items, folder);
        assertFalse(Files.isSymbolicLink(library));
        try (Stream<Path> found = Files.walk(unpacked)) {
            assertEquals(items.size(), found.filter(Files::isRegularFile).count());
        }
    }

    @Test
    void aFolderThatOthersCanWriteToIsNotUsed() throws Exception {
        List<Loader.Item> items = Loader.index();
        Path unpacked = Loader.unpack(items, folder);
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThrows(IOException.class, () -> Loader.unpack(items, folder));

        Path above = Files.createDirectory(folder.resolve("above"));
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(IOException.class, () -> Loader.unpack(items, above));
        assertThrows(IOException.class, () -> Loader.unpack(items, above.resolve("below")));

        Path linked = Files.createDirectory(folder.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("megatorrent"), folder.resolve("megatorrent"));
        assertThrows(IOException.class, () -> Loader.unpack(items, linked));
    }

    /** Two loaders of the same jar, as two applications in one server have them; the second one outlives the first. */
    @Test
    void everyClassLoaderGetsItsOwn() throws Exception {
        URL[] jar = {Megatorrent.class.getProtectionDomain().getCodeSource().getLocation()};
        for (int i = 0; i < 2; i++) {
            try (URLClassLoader loader = new URLClassLoader(jar, ClassLoader.getPlatformClassLoader())) {
                Class<?> other = Class.forName("org.megatorrent.Megatorrent", true, loader);
                assertNotEquals(Megatorrent.class, other);
                assertEquals(Megatorrent.version(), other.getMethod("version").invoke(null));
            }
        }
    }

    private static List<Path> list(Path path) throws IOException {
        try (Stream<Path> found = Files.list(path)) {
            return found.filter(each -> !each.getFileName().toString().startsWith("hsperfdata")).toList();
        }
    }
}
