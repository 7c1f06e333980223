using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>Opened bytes of a stream at an offset.</summary>
internal sealed class PlainStripe(long offset, BlobLease bytes, int start, int length) : IDisposable
{
    public long Offset { get; } = offset;

    public ReadOnlyMemory<byte> Bytes => bytes.Memory.Slice(start, length);

    public void Dispose() => bytes.Dispose();
}
