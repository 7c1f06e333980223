using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>A stripe ready to be stored: the blobs in one pooled buffer, their descriptor, and the keys of the data blobs.</summary>
internal sealed class SealedStripe : IDisposable
{
    private readonly BlobLease _buffer;
    private readonly ReadOnlyMemory<byte>[] _blobs;

    private SealedStripe(BlobLease buffer, ReadOnlyMemory<byte>[] blobs, StripeDescriptor descriptor, byte[] keys, long[] plaintextLengths)
    {
        _buffer = buffer;
        _blobs = blobs;
        Descriptor = descriptor;
        Keys = keys;
        PlaintextLengths = plaintextLengths;
    }

    public StripeDescriptor Descriptor { get; }

    /// <summary>32 bytes a data blob.</summary>
    public byte[] Keys { get; }

    /// <summary>Bytes of each chunk.</summary>
    public long[] PlaintextLengths { get; }

    /// <summary>The blobs, in the order of the descriptor's ids.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Blobs => _blobs;

    /// <summary>Seals the chunks, names the blobs, adds parity: the heavy part of a put, for an executor.</summary>
    public static SealedStripe Build(
        ReadOnlySpan<BlobLease> chunks,
        int parityShards,
        CipherSuite suite,
        CompressionKind compression,
        ReadOnlySpan<byte> tenantSecret,
        IRandomSource random)
    {
        int dataShards = chunks.Length;
        int parityBlobs = dataShards == 1 ? 0 : parityShards;
        int bufferLength = 0;
        foreach (BlobLease chunk in chunks)
            bufferLength += BlobSealer.Bound(chunk.Length);
        int longest = BlobSealer.Bound(chunks.ToArray().Max(static chunk => chunk.Length));
        BlobLease buffer = BlobLease.Rent(bufferLength + (parityBlobs * longest));
        try
        {
            var blobs = new ReadOnlyMemory<byte>[dataShards + parityBlobs];
            var lengths = new int[dataShards];
            var keys = new byte[dataShards * AeadCipher.KeyLength];
            var plaintextLengths = new long[dataShards];
            int offset = 0;
            for (int i = 0; i < dataShards; i++)
            {
                Memory<byte> destination = buffer.Memory.Slice(offset, BlobSealer.Bound(chunks[i].Length));
                lengths[i] = BlobSealer.Seal(
                    chunks[i].Memory.Span, destination.Span, suite, compression, tenantSecret, random,
                    keys.AsSpan(i * AeadCipher.KeyLength, AeadCipher.KeyLength));
                blobs[i] = destination[..lengths[i]];
                plaintextLengths[i] = chunks[i].Length;
                offset += lengths[i];
            }

            if (parityBlobs > 0)
            {
                int shardLength = lengths.Max();
                var parity = new Memory<byte>[parityBlobs];
                for (int i = 0; i < parityBlobs; i++)
                {
                    parity[i] = buffer.Memory.Slice(offset, shardLength);
                    blobs[dataShards + i] = parity[i];
                    offset += shardLength;
                }

                ReedSolomon.Get(dataShards, parityBlobs).Encode(blobs.AsSpan(0, dataShards), parity);
            }

            BlobId[] ids = Ids(blobs);
            return new SealedStripe(buffer, blobs, new StripeDescriptor(parityShards, ids, lengths), keys, plaintextLengths);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>The ids of some blobs, several hashed at once.</summary>
    public static BlobId[] Ids(ReadOnlySpan<ReadOnlyMemory<byte>> blobs)
    {
        Span<byte> hashes = blobs.Length <= 16 ? stackalloc byte[16 * BlobId.Length] : new byte[blobs.Length * BlobId.Length];
        Sha256.HashMany(blobs, hashes[..(blobs.Length * BlobId.Length)]);
        var ids = new BlobId[blobs.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = new BlobId(hashes.Slice(i * BlobId.Length, BlobId.Length));
        return ids;
    }

    public void Dispose() => _buffer.Dispose();
}
