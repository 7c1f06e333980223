using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Blob headers: one has one encoding. Sealed blobs: a strange one does not open, and never with an exception but the documented.</summary>
[Covers(typeof(BlobHeader))]
[Covers(typeof(BlobSealer))]
internal sealed class BlobTarget() : FuzzTarget("blob-header")
{
    private static readonly byte[] Key = new byte[32];
    private readonly byte[] _destination = new byte[BlobHeader.PlaintextLengthMax]; // of which a blob's header may ask all

    protected override bool IsRefusal(ErrorKind kind) => base.IsRefusal(kind) || kind == ErrorKind.Integrity;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        BlobHeader header = BlobHeader.Decode(input);
        var again = new byte[BlobHeader.Length];
        header.Encode(again);
        FuzzFailure.UnlessSame(input[..BlobHeader.Length], again, "blob header");
        BlobSealer.Open(input, Key, _destination);
    }
}
