using System.Buffers.Binary;
using System.IO.Hashing;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Checkpoints;
using Megatorrent.Storage.Records;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// A checkpoint beside a segment with one blob. The input is the checkpoint without its magic, its salt and its sum, which the target puts in.
/// </summary>
[Covers(typeof(CheckpointHeader))]
[Covers(typeof(CheckpointSegment))]
[Covers(typeof(CheckpointEntry))]
[Covers(typeof(CheckpointReader))]
internal sealed class CheckpointTarget() : FuzzTarget("checkpoint")
{
    /// <summary>A store with its index, the reader's buffer of a MiB and arrays for a turn of entries; opened twice.</summary>
    protected override long AllocationFloor => 48 << 20;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < CheckpointHeader.Length)
            return;
        byte[] bytes = [.. input, .. new byte[sizeof(ulong)]];
        new CheckpointHeader(StoreImage.Salt, 0, 0, 0).Write(bytes); // the magic and the salt
        input[24..CheckpointHeader.Length].CopyTo(bytes.AsSpan(24));
        if (CheckpointHeader.TryRead(bytes, out CheckpointHeader header))
        {
            var again = new byte[CheckpointHeader.Length];
            header.Write(again);
            FuzzFailure.UnlessSame(bytes.AsSpan(0, 36), again.AsSpan(0, 36), "checkpoint header");
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(input.Length), XxHash3.HashToUInt64(bytes.AsSpan(0, input.Length)));
        var image = new StoreImage();
        image.Add(Segment.FileName(1), OneBlob());
        image.Add("CHECKPOINT", bytes);
        image.Check();
    }

    private static byte[] OneBlob()
    {
        byte[] payload = [1, 2, 3];
        var bytes = new byte[SegmentHeader.Length + RecordHeader.Length + payload.Length];
        new SegmentHeader(1, 0, 0, StoreImage.Salt).Write(bytes);
        var header = new RecordHeader
        {
            Kind = RecordKind.Blob,
            PayloadLength = payload.Length,
            Id = BlobId.Of(payload),
            PayloadChecksum = RecordHeader.Checksum(payload),
        };
        header.Write(bytes.AsSpan(SegmentHeader.Length), StoreImage.Salt, 1, SegmentHeader.Length);
        payload.CopyTo(bytes.AsSpan(SegmentHeader.Length + RecordHeader.Length));
        return bytes;
    }
}
