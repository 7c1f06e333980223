using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>One stripe of a stream: where its bytes stand, and the keys of its data blobs.</summary>
/// <param name="Offset">Of the stripe's first byte in the stream.</param>
/// <param name="Descriptor">The stripe.</param>
/// <param name="Keys">32 bytes a data blob.</param>
/// <param name="Lengths">Plaintext bytes of each data blob.</param>
internal sealed record StripeRef(long Offset, StripeDescriptor Descriptor, ReadOnlyMemory<byte> Keys, long[] Lengths)
{
    public long Length { get; } = Lengths.Sum();
}
