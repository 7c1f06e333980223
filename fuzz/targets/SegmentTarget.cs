using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Records;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// Recovery of segments. <c>R</c>: a segment of which only the header is ours. <c>S</c>: a script of records, six bytes each (kind, flags, length
/// of the payload, which id, origin, what is wrong with it), whose sums the target computes, since no mutation would. Else: a format file,
/// or the name of a segment.
/// </summary>
[Covers(typeof(RecordHeader))]
[Covers(typeof(SegmentHeader))]
[Covers(typeof(FormatFile))]
[Covers(typeof(Segment))]
[Covers(typeof(BlobStore))]
internal sealed class SegmentTarget() : FuzzTarget("segment-recovery")
{
    private const int StepLength = 6;
    private const int StepsMax = 64;

    /// <summary>A store with its index, its windows of a MiB for scanning, and files that exist twice; opened twice.</summary>
    protected override long AllocationFloor => 48 << 20;

    protected override bool IsRefusal(ErrorKind kind) => kind is ErrorKind.Malformed or ErrorKind.Unsupported;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        ReadOnlySpan<byte> rest = input[1..];
        switch ((char)input[0])
        {
            case 'R':
                var image = new StoreImage();
                image.Add(Segment.FileName(1), [.. Header(1, 0, 0), .. rest]);
                image.Check();
                break;
            case 'S':
                Script(rest);
                break;
            case 'F' when rest.Length <= FormatFile.LengthMax && FormatFile.TryDecode(rest, out ulong salt):
                FuzzFailure.UnlessSame(rest, FormatFile.Encode(salt), "format file");
                break;
            case 'N' when Segment.TryParseName(System.Text.Encoding.Latin1.GetString(rest), out uint number):
                FuzzFailure.Unless(Segment.FileName(number) == System.Text.Encoding.Latin1.GetString(rest), "two names of one segment");
                break;
        }
    }

    private static void Script(ReadOnlySpan<byte> steps)
    {
        var image = new StoreImage();
        uint number = 1;
        var bytes = new List<byte>(Header(number, 0, 0));
        for (int i = 0; i < StepsMax && steps.Length >= StepLength; i++, steps = steps[StepLength..])
        {
            Append(bytes, number, steps);
            if (steps[5] >> 4 == 1)
            {
                image.Add(Segment.FileName(number), [.. bytes]);
                int length = bytes.Count;
                number++;
                bytes = [.. Header(number, number - 1, length)];
            }
        }

        image.Add(Segment.FileName(number), [.. bytes]);
        image.Check();
    }

    private static void Append(List<byte> bytes, uint number, ReadOnlySpan<byte> step)
    {
        var payload = new byte[step[2]];
        payload.AsSpan().Fill(step[3]);
        Span<byte> label = [step[3]];
        var header = new RecordHeader
        {
            Kind = (RecordKind)step[0],
            Flags = (RecordFlags)step[1],
            PayloadLength = payload.Length,
            Origin = step[4],
            Id = (step[5] & 4) == 0 ? BlobId.Of(payload) : BlobId.Of(label),
            Stripe = BlobId.Of(label),
            PayloadChecksum = RecordHeader.Checksum(payload),
        };
        var record = new byte[RecordHeader.Length + payload.Length];
        header.Write(record, StoreImage.Salt, number, bytes.Count);
        payload.CopyTo(record, RecordHeader.Length);
        if ((step[5] & 1) != 0)
            record[^1] ^= 1;
        if ((step[5] & 2) != 0)
            record[10] ^= 1;
        bytes.AddRange((step[5] & 8) == 0 ? record : record.AsSpan(0, record.Length / 2));
    }

    private static byte[] Header(uint number, uint previous, long previousLength)
    {
        var bytes = new byte[SegmentHeader.Length];
        new SegmentHeader(number, previous, previousLength, StoreImage.Salt).Write(bytes);
        FuzzFailure.Unless(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) == number, "the number stands elsewhere");
        return bytes;
    }
}
