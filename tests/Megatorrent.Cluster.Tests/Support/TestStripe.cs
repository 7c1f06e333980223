using Megatorrent.Core;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>A stripe of random blobs with its parity.</summary>
internal sealed class TestStripe
{
    public TestStripe(ulong seed, int dataShards, int parityShards, params int[] lengths)
    {
        var random = new SeededRandomSource(seed);
        if (lengths.Length == 0)
            lengths = [.. Enumerable.Range(0, dataShards).Select(i => 2000 - 100 * i)]; // of different lengths, as in a last stripe
        byte[][] data = [.. lengths.Select(length => new byte[length])];
        foreach (byte[] blob in data)
            random.Fill(blob);
        byte[][] parity = dataShards == 1 ? [] : [.. Enumerable.Range(0, parityShards).Select(_ => new byte[lengths.Max()])];
        if (dataShards > 1)
        {
            ReedSolomon.Get(dataShards, parityShards).Encode(
                Array.ConvertAll(data, blob => new ReadOnlyMemory<byte>(blob)), Array.ConvertAll(parity, blob => new Memory<byte>(blob)));
        }
        Blobs = [.. data, .. parity];
        Descriptor = new StripeDescriptor(parityShards, Array.ConvertAll(Blobs, blob => BlobId.Of(blob)), lengths);
    }

    public byte[][] Blobs { get; }

    public StripeDescriptor Descriptor { get; }

    public BlobId Id => Descriptor.Id;
}
