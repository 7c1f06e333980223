package org.megatorrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Objects as streams and channels. */
@NeedsCluster
@Timeout(300)
final class StreamsTest {
    private static final byte[] DATA = Bytes.random(1, 3_000_000);

    private static Client client;
    private static String capability;

    @BeforeAll
    static void open() throws Exception {
        client = Client.open();
        capability = client.put(DATA).capability();
    }

    @AfterAll
    static void close() {
        client.close();
    }

    @Test
    void aFileIsWrittenAndReadAsAStream() throws Exception {
        List<Long> steps = new ArrayList<>();
        PutOptions options = PutOptions.builder().name("streamed").progress((done, total) -> {
            steps.add(done);
            assertEquals(ProgressListener.UNKNOWN, total);
        }).build();
        PutStream out = client.newOutputStream(options);
        assertThrows(IllegalStateException.class, out::capability);
        try (out) {
            out.write(DATA[0]);
            out.write(DATA, 1, 0);
            out.write(DATA, 1, 999_999);
            out.flush();
            new ByteArrayInputStream(DATA, 1_000_000, 2_000_000).transferTo(out);
            assertThrows(IndexOutOfBoundsException.class, () -> out.write(DATA, 1, DATA.length));
            assertThrows(NullPointerException.class, () -> out.write(null, 0, 0));
        }
        out.close();
        assertThrows(IOException.class, () -> out.write(1));
        assertThrows(IOException.class, out::flush);
        assertEquals(DATA.length, out.result().bytes());
        assertEquals(DATA.length, steps.get(steps.size() - 1));
        try (InputStream in = client.newInputStream(out.capability())) {
            assertEquals(DATA[0] & 0xff, in.read());
            assertTrue(in.available() > 0);
            assertEquals(0, in.read(new byte[5], 5, 0));
            assertEquals(99_999, in.skip(99_999));
            assertArrayEquals(Arrays.copyOfRange(DATA, 100_000, DATA.length), in.readAllBytes());
            assertEquals(-1, in.read());
            assertEquals(-1, in.read(new byte[5]));
            assertThrows(IndexOutOfBoundsException.class, () -> in.read(new byte[5], 1, 5));
            assertThrows(NullPointerException.class, () -> in.read(null, 0, 0));
        }
        try (ObjectHandle object = client.openObject(out.capability())) {
            assertEquals("streamed", object.info().name());
        }
    }

    @Test
    void aPartIsReadAsAStream() throws Exception {
        InputStream outlives;
        try (ObjectHandle object = client.openObject(capability)) {
            outlives = object.newInputStream(1_500_000, 700_000);
            try (InputStream in = object.newInputStream(2_999_990, Long.MAX_VALUE)) {
                assertArrayEquals(Arrays.copyOfRange(DATA, 2_999_990, 3_000_000), in.readAllBytes());
            }
            try (InputStream in = object.newInputStream(3_000_000, 1)) {
                assertEquals(-1, in.read());
            }
            assertThrows(IllegalArgumentException.class, () -> object.newInputStream(-1, 1));
            assertThrows(IllegalArgumentException.class, () -> object.newInputStream(0, -1));
        }
        try (outlives) {
            assertArrayEquals(Arrays.copyOfRange(DATA, 1_500_000, 2_200_000), outlives.readAllBytes());
        }
    }

    @Test
    void streamsThatAreClosedSaySo() throws Exception {
        InputStream in = client.newInputStream(capability);
        in.read();
        in.close();
        in.close();
        assertThrows(IOException.class, in::read);
        assertEquals(0, in.available());

        PutStream given = client.newOutputStream(PutOptions.DEFAULT);
        given.write(new byte[2 << 20]);
        given.abort();
        given.abort();
        assertThrows(IOException.class, () -> given.write(1));
        given.close();
        assertThrows(IllegalStateException.class, given::capability);

        RuntimeException reason = new RuntimeException("enough");
        PutStream failed = client.newOutputStream(PutOptions.builder().progress((done, total) -> {
            throw reason;
        }).build());
        assertThrows(RuntimeException.class, () -> failed.write(new byte[2 << 20]));
        assertThrows(IOException.class, () -> failed.write(1));
        failed.close();
        assertThrows(IllegalStateException.class, failed::result);
    }

    @Test
    void anEmptyFileIsAFile() throws Exception {
        PutStream out = client.newOutputStream(PutOptions.DEFAULT);
        out.close();
        assertEquals(0, client.get(out.capability()).length);
        try (InputStream in = client.newInputStream(out.capability());
            SeekableByteChannel channel = client.newByteChannel(out.capability())) {
            assertEquals(-1, in.read());
            assertEquals(0, channel.size());
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void aChannelReadsAnywhere() throws Exception {
        try (SeekableByteChannel channel = client.newByteChannel(capability)) {
            assertEquals(DATA.length, channel.size());
            for (int offset : new int[] {0, 2_999_000, 5, 1_048_575, 1_048_576, 2_000_000, 1_999_999}) {
                for (ByteBuffer dst : new ByteBuffer[] {ByteBuffer.allocate(1000), ByteBuffer.allocateDirect(1000)}) {
                    channel.position(offset);
                    while (dst.hasRemaining()) {
                        assertTrue(channel.read(dst) > 0);
                    }
                    assertEquals(offset + 1000, channel.position());
                    assertArrayEquals(Arrays.copyOfRange(DATA, offset, offset + 1000), Bytes.remaining(dst.flip()));
                }
            }
            ByteBuffer all = ByteBuffer.allocateDirect(DATA.length + 1);
            channel.position(0);
            while (channel.read(all) >= 0) {
                assertTrue(all.position() <= DATA.length);
            }
            assertEquals(ByteBuffer.wrap(DATA), all.flip());
            assertEquals(-1, channel.position(1L << 40).read(all.clear()));
            assertEquals(0, channel.position(0).read(ByteBuffer.allocate(0)));
            assertThrows(IllegalArgumentException.class, () -> channel.position(-1));
            assertThrows(IllegalArgumentException.class, () -> channel.read(ByteBuffer.allocate(1).asReadOnlyBuffer()));
            assertThrows(NonWritableChannelException.class, () -> channel.write(ByteBuffer.allocate(1)));
            assertThrows(NonWritableChannelException.class, () -> channel.truncate(0));
        }
        SeekableByteChannel closed = client.newByteChannel(capability);
        assertTrue(closed.isOpen());
        closed.close();
        closed.close();
        assertFalse(closed.isOpen());
        assertThrows(ClosedChannelException.class, closed::position);
        assertThrows(ClosedChannelException.class, () -> closed.read(ByteBuffer.allocate(1)));
        try (ObjectHandle object = client.openObject(capability)) {
            SeekableByteChannel channel = object.newByteChannel();
            channel.close();
            assertEquals(DATA.length, object.info().length());
        }
    }

    @Test
    void aReaderThatWaitsIsWokenByClose() throws Exception {
        InputStream in = client.newInputStream(capability);
        Thread closer = new Thread(() -> {
            try {
                in.close();
            } catch (IOException exception) {
                throw new IllegalStateException(exception);
            }
        });
        IOException seen = null;
        closer.start();
        try {
            while (in.read(new byte[8192]) >= 0) {
                assertTrue(in.available() >= 0);
            }
        } catch (IOException exception) {
            seen = exception;
        }
        closer.join();
        if (seen == null) {
            seen = assertThrows(IOException.class, in::read);
        }
        assertTrue(seen.getMessage().contains("closed"), seen.toString());
    }
}
