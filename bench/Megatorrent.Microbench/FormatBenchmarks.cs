using BenchmarkDotNet.Attributes;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Microbench;

/// <summary>What is written and read for each stripe and each blob.</summary>
public class FormatBenchmarks
{
    private readonly BlobId[] _ids = new BlobId[6];
    private readonly int[] _lengths = new int[4];
    private readonly byte[] _blob = new byte[4096 + BlobSealer.Overhead];
    private byte[] _descriptor = [];

    /// <summary>Makes a descriptor of 4+2 and the header of a blob.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < _ids.Length; i++)
            _ids[i] = BlobId.Of([(byte)i]);
        _lengths.AsSpan().Fill(1 << 20);
        _descriptor = new StripeDescriptor(2, _ids, _lengths).Encoded;
        WriteBlobHeader();
    }

    /// <summary>Bencode out: a stripe's descriptor and its id.</summary>
    [Benchmark]
    public StripeDescriptor WriteDescriptor() => new(2, _ids, _lengths);

    /// <summary>Bencode in, every rule of the descriptor checked.</summary>
    [Benchmark]
    public StripeDescriptor ReadDescriptor() => StripeDescriptor.Decode(_descriptor);

    /// <summary>Bencode in, only passed over.</summary>
    [Benchmark]
    public int SkipDescriptor()
    {
        var reader = new BencodeReader(_descriptor);
        reader.SkipValue();
        return reader.Position;
    }

    /// <summary>The first 16 bytes of a blob.</summary>
    [Benchmark]
    public void WriteBlobHeader() =>
        new BlobHeader(CipherSuite.Aes256Gcm, CompressionKind.None, 4096, 4096).Encode(_blob);

    /// <summary>The same, checked.</summary>
    [Benchmark]
    public BlobHeader ReadBlobHeader() => BlobHeader.Decode(_blob);
}
