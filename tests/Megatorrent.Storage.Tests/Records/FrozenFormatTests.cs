using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Checkpoints;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage.Tests.Records;

/// <summary>What is on people's disks must be read by every later version: bytes and numbers as docs/spec/store.md gives them.</summary>
public sealed class FrozenFormatTests
{
    private static readonly BlobId Id = new([.. Enumerable.Range(1, 32).Select(value => (byte)value)]);
    private static readonly BlobId Stripe = new([.. Enumerable.Range(101, 32).Select(value => (byte)value)]);

    [Fact]
    public void Numbers()
    {
        Assert.Equal(
            [("Blob", 1), ("Descriptor", 2), ("BlobTombstone", 3), ("DescriptorTombstone", 4)],
            Enum.GetValues<RecordKind>().Select(kind => (kind.ToString(), (int)kind)));
        Assert.Equal(
            [("None", 0), ("HasStripe", 1), ("Rotten", 2)],
            Enum.GetValues<RecordFlags>().Select(flags => (flags.ToString(), (int)flags)));
    }

    [Fact]
    public void A_record_header()
    {
        var header = new RecordHeader
        {
            Kind = RecordKind.Blob,
            Flags = RecordFlags.HasStripe,
            PayloadLength = 0x01020304,
            Origin = 0x0A0B0C0D,
            Id = Id,
            Stripe = Stripe,
            PayloadChecksum = 0x1112131415161718,
        };
        byte[] bytes = new byte[RecordHeader.Length];
        header.Write(bytes, salt: 0x0123456789ABCDEF, segment: 3, offset: 64);
        Assert.Equal(
            "4D5452310101010004030201" + "0D0C0B0A" + Convert.ToHexString(Id.ToArray()) + Convert.ToHexString(Stripe.ToArray())
            + "1817161514131211" + "23CC418873C4B841",
            Convert.ToHexString(bytes));
        Assert.True(RecordHeader.TryRead(bytes, 0x0123456789ABCDEF, 3, 64, out RecordHeader read));
        Assert.Equal(header, read);
        Assert.False(RecordHeader.TryRead(bytes, 0x0123456789ABCDEE, 3, 64, out _));
        Assert.False(RecordHeader.TryRead(bytes, 0x0123456789ABCDEF, 4, 64, out _));
        Assert.False(RecordHeader.TryRead(bytes, 0x0123456789ABCDEF, 3, 65, out _));
        Assert.False(RecordHeader.TryRead(bytes.AsSpan(1), 0x0123456789ABCDEF, 3, 64, out _));
    }

    [Fact]
    public void The_checksum_of_a_payload_is_XXH3_without_a_seed()
    {
        // Public values of the reference implementation: XXH3_64bits of nothing and of "a".
        Assert.Equal(0x2D06800538D394C2ul, RecordHeader.Checksum([]));
        Assert.Equal(0xE6C632B61E964E1Ful, RecordHeader.Checksum("a"u8));
    }

    [Fact]
    public void A_segment_header()
    {
        var header = new SegmentHeader(5, 4, 0x0102030405060708, 0x1112131415161718);
        byte[] bytes = new byte[SegmentHeader.Length];
        header.Write(bytes);
        Assert.Equal(
            "4D545345474D4E54" + "0100" + "0000" + "05000000" + "04000000" + "00000000" + "0807060504030201" + "1817161514131211"
            + "00000000000000000000000000000000" + "6C00D19778B6BF65",
            Convert.ToHexString(bytes));
        Assert.True(SegmentHeader.TryRead(bytes, out SegmentHeader read));
        Assert.Equal(header, read);
        for (int place = 0; place < bytes.Length; place++)
        {
            bytes[place] ^= 0x40;
            Assert.False(SegmentHeader.TryRead(bytes, out _), $"byte {place}");
            bytes[place] ^= 0x40;
        }
    }

    [Fact]
    public void The_format_file()
    {
        byte[] text = FormatFile.Encode(0x0123456789ABCDEF);
        Assert.Equal("megatorrent-store 1\nsalt 0123456789abcdef\nsum 84c439ba0036a852\n", System.Text.Encoding.ASCII.GetString(text));
        Assert.True(FormatFile.TryDecode(text, out ulong salt));
        Assert.Equal(0x0123456789ABCDEFul, salt);
    }

    [Fact]
    public void The_rows_of_a_checkpoint()
    {
        byte[] header = new byte[CheckpointHeader.Length];
        new CheckpointHeader(0x1112131415161718, 7, 6, 2).Write(header);
        Assert.Equal(
            "4D5443484B504E54" + "0100000000000000" + "1817161514131211" + "07000000" + "06000000" + "02000000" + "00000000",
            Convert.ToHexString(header));
        byte[] segment = new byte[CheckpointSegment.RowLength];
        new CheckpointSegment(6, 9, 2, 0x0102030405).Write(segment);
        Assert.Equal("06000000" + "09000000" + "02000000" + "00000000" + "0504030201000000", Convert.ToHexString(segment));
        byte[] entry = new byte[CheckpointEntry.RowLength];
        CheckpointEntry.Write(entry, Id, new RecordLocation(6, 64, 0x0304));
        Assert.Equal(Convert.ToHexString(Id.ToArray()) + "06000000" + "40000000" + "04030000", Convert.ToHexString(entry));
        Assert.Equal(new RecordLocation(6, 64, 0x0304), CheckpointEntry.Read(entry, out BlobId id));
        Assert.Equal(Id, id);
    }
}
