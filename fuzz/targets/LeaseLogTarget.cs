using System.Buffers.Binary;
using Megatorrent.Cluster.Leases;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Records of the lease log. Inputs have no sum, which no mutation would get right: the target computes it.</summary>
[Covers(typeof(LeaseRecord))]
internal sealed class LeaseLogTarget() : FormatTarget("lease-log", new Format<LeaseRecord>(Read, Write, isCanonical: false))
{
    private static LeaseRecord Read(ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[LeaseRecord.FrameLength];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BlobId sum = BlobId.Of(payload);
        BlobId.AsSpan(in sum)[..sizeof(ulong)].CopyTo(frame[sizeof(int)..]);
        if (payload.Length > 0)
            LeaseRecord.LengthOf(frame);
        return LeaseRecord.TryDecode(frame, payload)
            ?? throw new Core.MegatorrentException(Core.ErrorKind.Malformed, "no record");
    }

    private static byte[] Write(LeaseRecord record) => record.Encode()[LeaseRecord.FrameLength..];
}
