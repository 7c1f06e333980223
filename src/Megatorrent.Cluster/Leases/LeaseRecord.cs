using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// One record of the lease log: a statement with stripes, stripes that are gone or were dismissed, times of storing, or a mark. Layout: docs/spec/garbage.md,
/// "Log". Immutable.
/// </summary>
internal sealed record LeaseRecord
{
    /// <summary>The longest payload, in bytes.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The most ids of one record.</summary>
    public const int MaxIds = 4096;

    /// <summary>Bytes before a payload: its length, and the first 8 bytes of its SHA-256.</summary>
    public const int FrameLength = sizeof(int) + sizeof(ulong);

    /// <summary>An owner's word.</summary>
    public LeaseStatement? Statement { get; init; }

    /// <summary>The owner's certificate, where the file does not have it yet.</summary>
    public byte[]? Certificate { get; init; }

    /// <summary>Else the number of the certificate in the file, from 0.</summary>
    public int CertificateNumber { get; init; } = -1;

    /// <summary>When this node learned of the statement, Unix ms.</summary>
    public long LearnedUnixMs { get; init; }

    /// <summary>Stripes of the statement.</summary>
    public IReadOnlyList<BlobId> Stripes { get; init; } = [];

    /// <summary>Stripes that were collected.</summary>
    public IReadOnlyList<BlobId> Dropped { get; init; } = [];

    /// <summary>Stripes that others hold in this node's place.</summary>
    public IReadOnlyList<BlobId> Dismissed { get; init; } = [];

    /// <summary>Stripes whose time of storing follows.</summary>
    public IReadOnlyList<BlobId> Touched { get; init; } = [];

    /// <summary>When each of <see cref="Touched"/> was last stored, Unix ms.</summary>
    public IReadOnlyList<long> TouchedUnixMs { get; init; } = [];

    /// <summary>0: the node goes on; 1: it ended in order, and every time of storing is in the file. Null: no mark.</summary>
    public int? Mark { get; init; }

    /// <summary>The node's clock at the mark, Unix ms.</summary>
    public long MarkUnixMs { get; init; }

    /// <summary>The record with its frame.</summary>
    public byte[] Encode()
    {
        byte[] payload = BencodeWriter.Encode(Write);
        var framed = new byte[FrameLength + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, payload.Length);
        Sum(payload).CopyTo(framed, sizeof(int));
        payload.CopyTo(framed, FrameLength);
        return framed;
    }

    /// <summary>The length in a frame; -1 when it cannot be one.</summary>
    public static int LengthOf(ReadOnlySpan<byte> frame)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(frame);
        return length is > 0 and <= MaxLength ? length : -1;
    }

    /// <summary>Reads a payload; null when the frame's sum is another, or it is no record.</summary>
    public static LeaseRecord? TryDecode(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> payload)
    {
        if (!Sum(payload).AsSpan().SequenceEqual(frame.Slice(sizeof(int), sizeof(ulong))))
            return null;
        try
        {
            return Decode(payload);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Malformed)
        {
            return null;
        }
    }

    private static byte[] Sum(ReadOnlySpan<byte> payload)
    {
        BlobId hash = BlobId.Of(payload);
        return BlobId.AsSpan(hash)[..sizeof(ulong)].ToArray();
    }

    private static LeaseRecord Decode(ReadOnlySpan<byte> payload)
    {
        var record = new LeaseRecord();
        var reader = new BencodeReader(payload, subject: "lease record");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: record = record with { Certificate = reader.ReadBytes(Core.Wire.Certificate.MaxEncodedLength).ToArray() }; break;
                case [(byte)'b']: record = record with { CertificateNumber = (int)reader.ReadInteger(0, int.MaxValue) }; break;
                case [(byte)'d']: record = record with { Dropped = IdList.Read(ref reader, MaxIds) }; break;
                case [(byte)'e']: record = record with { Mark = (int)reader.ReadInteger(0, 1) }; break;
                case [(byte)'g']: record = record with { Dismissed = IdList.Read(ref reader, MaxIds) }; break;
                case [(byte)'i']: record = record with { Stripes = IdList.Read(ref reader, MaxIds) }; break;
                case [(byte)'l']: record = record with { LearnedUnixMs = reader.ReadInteger(0, long.MaxValue) }; break;
                case [(byte)'m']: record = record with { TouchedUnixMs = ReadTimes(ref reader) }; break;
                case [(byte)'s']: record = record with { Statement = LeaseStatement.Decode(reader.ReadBytes(LeaseStatement.MaxEncodedLength)) }; break;
                case [(byte)'t']: record = record with { Touched = IdList.Read(ref reader, MaxIds) }; break;
                case [(byte)'w']: record = record with { MarkUnixMs = reader.ReadInteger(0, long.MaxValue) }; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return record.Touched.Count == record.TouchedUnixMs.Count
            ? record
            : throw reader.Malformed($"{record.Touched.Count} stripes and {record.TouchedUnixMs.Count} times");
    }

    private static long[] ReadTimes(ref BencodeReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(MaxIds * sizeof(long));
        var times = new long[bytes.Length / sizeof(long)];
        for (int i = 0; i < times.Length; i++)
            times[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(i * sizeof(long))..]);
        return times;
    }

    private void Write(BencodeWriter writer)
    {
        writer.BeginDictionary();
        if (Certificate is not null)
            Bytes("a", Certificate);
        else if (CertificateNumber >= 0)
            Integer("b", CertificateNumber);
        if (Dropped.Count > 0)
            Bytes("d", IdList.Encode(Dropped));
        if (Mark is { } mark)
            Integer("e", mark);
        if (Dismissed.Count > 0)
            Bytes("g", IdList.Encode(Dismissed));
        if (Statement is not null)
        {
            Bytes("i", IdList.Encode(Stripes));
            Integer("l", LearnedUnixMs);
        }
        if (Touched.Count > 0)
        {
            var times = new byte[TouchedUnixMs.Count * sizeof(long)];
            for (int i = 0; i < TouchedUnixMs.Count; i++)
                BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(i * sizeof(long)), TouchedUnixMs[i]);
            Bytes("m", times);
        }
        if (Statement is not null)
            Bytes("s", Statement.Encode());
        if (Touched.Count > 0)
            Bytes("t", IdList.Encode(Touched));
        if (Mark is not null)
            Integer("w", MarkUnixMs);
        writer.End();

        void Bytes(string key, byte[] value)
        {
            writer.WriteKey(key);
            writer.WriteBytes(value);
        }

        void Integer(string key, long value)
        {
            writer.WriteKey(key);
            writer.WriteInteger(value);
        }
    }
}
