package org.megatorrent;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A Reed-Solomon code: k data shards, all of the same length, give m parity shards of that length, and of the k + m any m may be lost. It
 * works over GF(2^8) with the polynomial 0x11d and the systematic Cauchy matrix, so parity is that of ISA-L with
 * {@code gf_gen_cauchy1_matrix}, byte for byte.
 *
 * <p>Shards are numbered 0 to k - 1 (data), then k to k + m - 1 (parity); in an array of all shards they lie in this order. A shard in a
 * buffer is what remains of it; no position moves. A code never changes and may be used by any number of threads at once.
 */
public final class ReedSolomon implements AutoCloseable {
    /** The most that k + m may be. */
    public static final int SHARDS_MAX = 255;

    private final int dataShards;
    private final int parityShards;
    private final Handle handle;

    /**
     * Makes a code.
     *
     * @param dataShards k, at least 1
     * @param parityShards m, at least 0; k + m is at most {@link #SHARDS_MAX}
     * @throws IllegalArgumentException if k or m is out of its range
     */
    public ReedSolomon(int dataShards, int parityShards) {
        long[] created = new long[1];
        Check.sure(Native.rsCreate(created, dataShards, parityShards));
        this.dataShards = dataShards;
        this.parityShards = parityShards;
        handle = new Handle(this, "Reed-Solomon code", created[0], Native::rsDestroy);
    }

    /**
     * Returns k.
     *
     * @return the number of data shards
     */
    public int dataShards() {
        return dataShards;
    }

    /**
     * Returns m.
     *
     * @return the number of parity shards
     */
    public int parityShards() {
        return parityShards;
    }

    /**
     * Computes all parity.
     *
     * @param data k shards
     * @param parity m shards, which are overwritten
     * @throws IllegalArgumentException if there are not so many shards, lengths differ, or a parity shard overlaps another shard
     */
    public void encode(byte[][] data, byte[][] parity) {
        encode(Shards.of(data, false), Shards.of(parity, false));
    }

    /**
     * Computes all parity, like {@link #encode(byte[][], byte[][])}.
     *
     * @param data k shards
     * @param parity m shards, which are overwritten
     * @throws java.nio.ReadOnlyBufferException if a parity shard cannot be written to
     */
    public void encode(ByteBuffer[] data, ByteBuffer[] parity) {
        encode(Shards.toRead(data), Shards.toWrite(parity));
    }

    /**
     * Whether the parity belongs to the data. If not, some shard is wrong; which one, it does not say.
     *
     * @param shards k + m shards
     * @return true if they agree
     * @throws IllegalArgumentException if there are not so many shards, or lengths differ
     */
    public boolean verify(byte[][] shards) {
        return verify(Shards.of(shards, false));
    }

    /**
     * Whether the parity belongs to the data, like {@link #verify(byte[][])}.
     *
     * @param shards k + m shards
     * @return true if they agree
     */
    public boolean verify(ByteBuffer[] shards) {
        return verify(Shards.toRead(shards));
    }

    /**
     * Rebuilds shards that are missing. Those that are present are only read, and believed: whether they are right is for their hashes to
     * say.
     *
     * @param shards k + m shards; a missing one is overwritten, or left out if it is null
     * @param present whether each is there
     * @throws MegatorrentException {@link Status#NOT_ENOUGH_SHARDS}: fewer than k are present; nothing was written
     * @throws NullPointerException if a shard that is present is null
     * @throws IllegalArgumentException if there are not so many shards, lengths differ, or a missing shard overlaps another shard
     */
    public void reconstruct(byte[][] shards, boolean[] present) throws MegatorrentException {
        reconstruct(Shards.of(shards, true), present);
    }

    /**
     * Rebuilds shards that are missing, like {@link #reconstruct(byte[][], boolean[])}.
     *
     * @param shards k + m shards; a missing one is overwritten, or left out if it is null
     * @param present whether each is there
     * @throws MegatorrentException {@link Status#NOT_ENOUGH_SHARDS}: fewer than k are present; nothing was written
     * @throws java.nio.ReadOnlyBufferException if a missing shard cannot be written to
     */
    public void reconstruct(ByteBuffer[] shards, boolean[] present) throws MegatorrentException {
        reconstruct(Shards.toRebuild(shards, present), present);
    }

    /**
     * Brings the parity up to date after one data shard has changed, without reading the others. If the parity did not belong to the data
     * before, it does not afterwards.
     *
     * @param parity m shards, which are changed in place
     * @param dataIndex which data shard has changed
     * @param oldData its bytes before
     * @param newData its bytes after
     * @throws IndexOutOfBoundsException if there is no such data shard
     * @throws IllegalArgumentException if there are not so many shards, lengths differ, or a parity shard overlaps another shard
     */
    public void update(byte[][] parity, int dataIndex, byte[] oldData, byte[] newData) {
        update(Shards.of(parity, false), dataIndex, Shards.of(new byte[][] {oldData, newData}, false));
    }

    /**
     * Brings the parity up to date, like {@link #update(byte[][], int, byte[], byte[])}.
     *
     * @param parity m shards, which are changed in place
     * @param dataIndex which data shard has changed
     * @param oldData its bytes before
     * @param newData its bytes after
     */
    public void update(ByteBuffer[] parity, int dataIndex, ByteBuffer oldData, ByteBuffer newData) {
        update(Shards.toWrite(parity), dataIndex, Shards.toRead(new ByteBuffer[] {oldData, newData}));
    }

    /** Destroys the code. Calls that are under way in other threads complete. */
    @Override
    public void close() {
        handle.close();
    }

    private void encode(Shards data, Shards parity) {
        data.mustBe(dataShards, "data shards");
        parity.mustBe(parityShards, "parity shards");
        parity.mustNotOverlap(data);
        Shards all = data.followedBy(parity);
        try {
            Check.sure(Native.rsEncode(handle.get(), all.objects, all.wheres, dataShards, all.length()));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private boolean verify(Shards shards) {
        shards.mustBe(dataShards + parityShards, "shards");
        try {
            return Check.sure(Native.rsVerify(handle.get(), shards.objects, shards.wheres, shards.length())) == 1;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void reconstruct(Shards shards, boolean[] present) throws MegatorrentException {
        shards.mustBe(dataShards + parityShards, "shards");
        byte[] marks = shards.marks(present);
        try {
            Check.status(Native.rsReconstruct(handle.get(), shards.objects, shards.wheres, marks, shards.length()));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void update(Shards parity, int dataIndex, Shards oldAndNew) {
        Objects.checkIndex(dataIndex, dataShards);
        parity.mustBe(parityShards, "parity shards");
        parity.mustNotOverlap(oldAndNew);
        Shards all = parity.followedBy(oldAndNew);
        try {
            Check.sure(Native.rsUpdate(handle.get(), all.objects, all.wheres, dataIndex, all.length()));
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
