package org.megatorrent.suite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.megatorrent.Client;
import org.megatorrent.Compression;
import org.megatorrent.MegatorrentException;
import org.megatorrent.PutOptions;

/** What behaviours that need a cluster have in common. */
final class Cluster {
    private Cluster() {
    }

    /** What is done with a client. */
    interface Use {
        void with(Client client) throws Exception;
    }

    /** What is done with a folder. */
    interface UseFolder {
        void with(Path folder) throws Exception;
    }

    /** A behaviour with a client of its own. */
    static Suite.Behaviour client(Use use) {
        return () -> {
            try (Client client = Client.open()) {
                use.with(client);
            }
        };
    }

    /** Does something with a new folder, and deletes it. */
    static void folder(UseFolder use) throws Exception {
        Path folder = Files.createTempDirectory("megatorrent-suite-");
        try {
            use.with(folder);
        } finally {
            delete(folder);
        }
    }

    static String put(Client client, byte[] data) throws MegatorrentException {
        return client.put(data).capability();
    }

    /** A put of zeros from a direct buffer. */
    static ByteBuffer zeros(int mebibytes) {
        return ByteBuffer.allocateDirect(mebibytes << 20);
    }

    /** Put without compression, so that as much goes over the network as is put. */
    static PutOptions.Builder incompressible() {
        return PutOptions.builder().compression(Compression.NONE);
    }

    /** Reads a part of an object through a heap buffer. */
    static byte[] read(Client client, String capability, long offset, int length) throws MegatorrentException {
        ByteBuffer dst = ByteBuffer.allocate(length);
        int count = client.read(capability, offset, dst);
        Expect.equal(count, dst.position(), "position after a read");
        return Arrays.copyOf(dst.array(), count);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
