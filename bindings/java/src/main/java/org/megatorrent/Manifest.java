package org.megatorrent;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A manifest: the blob that a capability leads to, which lists the stripes of an object. Its public part can be read by anyone, its sealed
 * part (name, sizes, keys) only with the key in the capability.
 *
 * <p>{@link #open} reads one. {@link #create} begins one; {@link #addStream} and {@link #addStripe} say what it lists, and {@link #seal}
 * makes the blob.
 */
public final class Manifest implements AutoCloseable {
    /** The longest manifest blob, in bytes; a larger object has a tree of manifests. */
    public static final int LENGTH_MAX = 1_048_576;

    private final Handle handle;

    private Manifest(long created) {
        handle = new Handle(this, "manifest", created, Native::manifestDestroy);
    }

    /**
     * What a manifest says about the object.
     *
     * @param kind what it is; {@link ObjectKind#NODE} without a key
     * @param name its name, without a path; empty for a node
     * @param mode permission bits, as {@code chmod} has them
     * @param modified time of the last change
     * @param streams number of streams
     * @param hasKeys whether it was opened with its key, or made here
     */
    public record Info(ObjectKind kind, String name, int mode, Instant modified, int streams, boolean hasKeys) {
    }

    /**
     * A stream.
     *
     * @param depth 0: its stripes hold the bytes; above: they hold manifests whose streams have the depth below
     * @param length bytes behind it; 0 without keys
     * @param stripes number of stripes
     */
    public record Stream(int depth, long length, int stripes) {
    }

    /**
     * A stripe.
     *
     * @param dataShards k
     * @param parityShards m; with k = 1 copies of the one blob
     * @param shardLength bytes of the longest blob, and of every parity blob
     * @param ids number of ids: k + m, or 1 if k is 1
     * @param id names the stripe: the nodes that hold it are computed from this; 32 bytes
     */
    public record Stripe(int dataShards, int parityShards, int shardLength, int ids, byte[] id) {
    }

    /**
     * A blob of a stripe.
     *
     * @param length bytes of the blob
     * @param plaintextLength bytes behind a data blob with keys, else 0
     * @param id its id, 32 bytes
     * @param key what opens a data blob with keys, 32 bytes; else empty
     */
    public record StripeBlob(int length, long plaintextLength, byte[] id, Optional<byte[]> key) {
        /**
         * Returns a text without the key.
         *
         * @return the text
         */
        @Override
        public String toString() {
            return "StripeBlob[id=" + Cid.format(id) + ", length=" + length + "]";
        }
    }

    /**
     * A data blob for {@link #addStripe}.
     *
     * @param length bytes of the blob
     * @param plaintextLength bytes behind it
     * @param id its id, 32 bytes
     * @param key what opens it, 32 bytes
     */
    public record DataBlob(int length, long plaintextLength, byte[] id, byte[] key) {
        /**
         * Checks the lengths.
         *
         * @param length bytes of the blob
         * @param plaintextLength bytes behind it
         * @param id its id, 32 bytes
         * @param key what opens it, 32 bytes
         */
        public DataBlob {
            Check.length(id, Cid.ID_LENGTH, "A blob id");
            Check.length(key, Blob.KEY_LENGTH, "A key");
        }

        /**
         * Returns a text without the key.
         *
         * @return the text
         */
        @Override
        public String toString() {
            return "DataBlob[id=" + Cid.format(id) + ", length=" + length + "]";
        }
    }

    /**
     * Reads both parts of a manifest blob.
     *
     * @param blob the blob
     * @param key what opens it, 32 bytes
     * @return the manifest
     * @throws MegatorrentException {@link Status#MALFORMED} or {@link Status#UNSUPPORTED}: the bytes are no manifest that this library
     *     reads; {@link Status#INTEGRITY}: the key is not this manifest's
     * @throws IllegalArgumentException if the key has another length
     */
    public static Manifest open(byte[] blob, byte[] key) throws MegatorrentException {
        return open(Memory.of(blob), Check.length(key, Blob.KEY_LENGTH, "A key"));
    }

    /**
     * Reads both parts of the manifest blob that remains of a buffer.
     *
     * @param blob the blob; its position moves to its limit
     * @param key what opens it, 32 bytes
     * @return the manifest
     * @throws MegatorrentException as {@link #open(byte[], byte[])} does
     * @throws IllegalArgumentException if the key has another length
     */
    public static Manifest open(ByteBuffer blob, byte[] key) throws MegatorrentException {
        Manifest manifest = open(Memory.toRead(blob), Check.length(key, Blob.KEY_LENGTH, "A key"));
        blob.position(blob.limit());
        return manifest;
    }

    /**
     * Reads the public part of a manifest blob.
     *
     * @param blob the blob
     * @return the manifest
     * @throws MegatorrentException {@link Status#MALFORMED} or {@link Status#UNSUPPORTED}: the bytes are no manifest that this library
     *     reads
     */
    public static Manifest openPublic(byte[] blob) throws MegatorrentException {
        return open(Memory.of(blob), null);
    }

    /**
     * Begins a manifest.
     *
     * @param kind what it is of
     * @param name the object's name, without a path; empty for a node
     * @param mode permission bits
     * @param modified time of the last change
     * @return the manifest, without a stream
     * @throws MegatorrentException {@link Status#INVALID_ARGUMENT}: the name cannot be that of a file
     * @throws IllegalArgumentException if the time is not from 1677 to 2262
     */
    public static Manifest create(ObjectKind kind, String name, int mode, Instant modified) throws MegatorrentException {
        long[] created = new long[1];
        Check.status(
            Native.manifestCreate(created, kind.code(), mode, Times.toUnixNs(modified), Text.bytes(name, "The name")));
        return new Manifest(created[0]);
    }

    /**
     * Returns what it says about the object.
     *
     * @return what it says
     */
    public Info info() {
        long[] numbers = new long[5];
        int[] status = new int[1];
        byte[] name;
        try {
            Check.sure(Native.manifestGetInfo(handle.get(), numbers));
            name = Native.manifestGetName(handle.get(), status);
        } finally {
            Reference.reachabilityFence(this);
        }
        Check.sure(status[0]);
        return new Info(
            ObjectKind.of(numbers[0]), Text.of(name), (int) numbers[1], Times.of(numbers[3]), (int) numbers[2], numbers[4] == 1);
    }

    /**
     * Returns a stream.
     *
     * @param streamIndex which one
     * @return the stream
     * @throws IllegalArgumentException if there is no such stream
     */
    public Stream stream(int streamIndex) {
        long[] numbers = new long[3];
        try {
            Check.sure(Native.manifestGetStream(handle.get(), numbers, streamIndex));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new Stream((int) numbers[0], numbers[1], (int) numbers[2]);
    }

    /**
     * Returns a stripe of a stream.
     *
     * @param streamIndex which stream
     * @param stripeIndex which stripe of it
     * @return the stripe
     * @throws IllegalArgumentException if there is no such stripe
     */
    public Stripe stripe(int streamIndex, int stripeIndex) {
        long[] numbers = new long[4];
        byte[] id = new byte[Cid.ID_LENGTH];
        try {
            Check.sure(Native.manifestGetStripe(handle.get(), numbers, id, streamIndex, stripeIndex));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new Stripe((int) numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3], id);
    }

    /**
     * Returns a blob of a stripe, data before parity.
     *
     * @param streamIndex which stream
     * @param stripeIndex which stripe of it
     * @param blobIndex which blob of that
     * @return the blob
     * @throws IllegalArgumentException if there is no such blob
     */
    public StripeBlob blob(int streamIndex, int stripeIndex, int blobIndex) {
        long[] numbers = new long[3];
        byte[] id = new byte[Cid.ID_LENGTH];
        byte[] key = new byte[Blob.KEY_LENGTH];
        try {
            Check.sure(Native.manifestGetBlob(handle.get(), numbers, id, key, streamIndex, stripeIndex, blobIndex));
        } finally {
            Reference.reachabilityFence(this);
        }
        return new StripeBlob((int) numbers[0], numbers[1], id, numbers[2] == 1 ? Optional.of(key) : Optional.empty());
    }

    /**
     * Adds a stream, empty at first.
     *
     * @param depth as {@link Stream#depth} has it
     * @return this
     * @throws IllegalStateException if the manifest was opened
     * @throws IllegalArgumentException if it would be too deep, or one too many
     */
    public Manifest addStream(int depth) {
        try {
            Check.sure(Native.manifestAddStream(handle.get(), depth));
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Adds a stripe to the last stream.
     *
     * @param data its k data blobs
     * @param parityShards m
     * @param parityIds the ids of the m parity blobs, 32 bytes each; none if k is 1
     * @return this
     * @throws IllegalStateException if the manifest was opened, or has no stream yet
     * @throws IllegalArgumentException if no stripe can be so
     */
    public Manifest addStripe(List<DataBlob> data, int parityShards, List<byte[]> parityIds) {
        int count = data.size();
        int expected = count == 1 ? 0 : parityShards;
        if (count == 0 || parityShards < 0 || count + (long) parityShards > ReedSolomon.SHARDS_MAX || parityIds.size() != expected) {
            throw new IllegalArgumentException(
                "No stripe has " + count + " data blobs, " + parityShards + " parity blobs and " + parityIds.size() + " ids of these.");
        }
        byte[] ids = new byte[(count + expected) * Cid.ID_LENGTH];
        byte[] keys = new byte[count * Blob.KEY_LENGTH];
        int[] lengths = new int[count];
        long[] plaintextLengths = new long[count];
        for (int i = 0; i < count; i++) {
            DataBlob blob = data.get(i);
            System.arraycopy(blob.id(), 0, ids, i * Cid.ID_LENGTH, Cid.ID_LENGTH);
            System.arraycopy(blob.key(), 0, keys, i * Blob.KEY_LENGTH, Blob.KEY_LENGTH);
            lengths[i] = blob.length();
            plaintextLengths[i] = blob.plaintextLength();
        }
        for (int i = 0; i < expected; i++) {
            byte[] id = Check.length(parityIds.get(i), Cid.ID_LENGTH, "A blob id");
            System.arraycopy(id, 0, ids, (count + i) * Cid.ID_LENGTH, Cid.ID_LENGTH);
        }
        try {
            Check.sure(Native.manifestAddStripe(handle.get(), count, parityShards, ids, lengths, keys, plaintextLengths));
        } finally {
            Reference.reachabilityFence(this);
        }
        return this;
    }

    /**
     * Seals the manifest.
     *
     * @param options suite and tenant secret; the compression is not used
     * @return the blob, its id and its key
     * @throws IllegalStateException if the number of streams is not what the kind has
     * @throws IllegalArgumentException if it would be longer than {@link #LENGTH_MAX}
     */
    public SealedBlob seal(BlobOptions options) {
        Objects.requireNonNull(options, "options");
        int[] status = new int[1];
        byte[] id = new byte[Cid.ID_LENGTH];
        byte[] key = new byte[Blob.KEY_LENGTH];
        byte[] blob;
        try {
            blob = Native.manifestSeal(handle.get(), status, id, key, options.suite.code(), options.tenantSecret);
        } finally {
            Reference.reachabilityFence(this);
        }
        Check.sure(status[0]);
        return new SealedBlob(blob, id, key);
    }

    /** Destroys the manifest. */
    @Override
    public void close() {
        handle.close();
    }

    private static Manifest open(Memory blob, byte[] key) throws MegatorrentException {
        long[] created = new long[1];
        Check.status(Native.manifestOpen(created, blob.object, blob.where, blob.length, key));
        return new Manifest(created[0]);
    }
}
