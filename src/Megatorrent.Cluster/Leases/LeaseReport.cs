using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The answer to <c>leases</c>: statements with the stripes they were made for, each certificate once. When not everything fitted, the asker
/// goes on at <see cref="Complete"/>. Layout: docs/spec/garbage.md.
/// </summary>
/// <param name="Leases">The leases, each with the indexes of the stripes, as asked, that it is known for.</param>
/// <param name="Complete">How many of the stripes asked about are told completely.</param>
/// <param name="Skip">How many leases of the stripe after those were told.</param>
public sealed record LeaseReport(IReadOnlyList<LeaseReport.Entry> Leases, int Complete, int Skip)
{
    private const int Version = 1;
    private const int LeasesMax = 4096; // what fits the message is fewer

    /// <summary>One lease.</summary>
    /// <param name="Statement">The owner's word.</param>
    /// <param name="Certificate">The owner's certificate, encoded; not validated.</param>
    /// <param name="Stripes">Indexes of the stripes as asked.</param>
    public sealed record Entry(LeaseStatement Statement, byte[] Certificate, IReadOnlyList<int> Stripes);

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        var certificates = new List<byte[]>();
        var indexes = new Dictionary<byte[], int>(BytesComparer.Instance);
        foreach (Entry lease in Leases)
        {
            if (indexes.TryAdd(lease.Certificate, certificates.Count))
                certificates.Add(lease.Certificate);
        }
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.BeginList();
            foreach (byte[] certificate in certificates)
                writer.WriteBytes(certificate);
            writer.End();
            writer.WriteKey("f");
            writer.WriteInteger(Skip);
            writer.WriteKey("l");
            writer.BeginList();
            foreach (Entry lease in Leases)
            {
                writer.BeginDictionary();
                writer.WriteKey("a");
                writer.WriteInteger(indexes[lease.Certificate]);
                writer.WriteKey("i");
                writer.WriteBytes(EncodeIndexes(lease.Stripes));
                writer.WriteKey("s");
                writer.WriteBytes(lease.Statement.Encode());
                writer.End();
            }
            writer.End();
            writer.WriteKey("p");
            writer.WriteInteger(Complete);
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads a report. Neither statements nor certificates are validated.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="stripes">How many stripes it is about; no index reaches it.</param>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static LeaseReport Decode(ReadOnlySpan<byte> source, int stripes)
    {
        var certificates = new List<byte[]>();
        var leases = new List<(int Certificate, int[] Stripes, LeaseStatement Statement)>();
        int complete = -1, skip = 0;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease report");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                    certificates.Add(reader.ReadBytes(Certificate.MaxEncodedLength).ToArray());
            }
            else if (key.SequenceEqual("f"u8))
            {
                skip = (int)reader.ReadInteger(0, int.MaxValue);
            }
            else if (key.SequenceEqual("l"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                    leases.Add(leases.Count < LeasesMax ? ReadLease(ref reader, stripes) : throw reader.Malformed("too many leases"));
            }
            else if (key.SequenceEqual("p"u8))
            {
                complete = (int)reader.ReadInteger(0, stripes);
            }
            else if (key.SequenceEqual("v"u8))
            {
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            }
            else
            {
                reader.SkipValue();
            }
        }
        reader.ReadEndOfDocument();
        if (complete < 0 || !versioned || leases.Exists(lease => lease.Certificate >= certificates.Count))
            throw reader.Malformed("a certificate, the progress or the version is missing");
        return new LeaseReport(
            leases.ConvertAll(lease => new Entry(lease.Statement, certificates[lease.Certificate], lease.Stripes)), complete, skip);
    }

    private static (int Certificate, int[] Stripes, LeaseStatement Statement) ReadLease(ref BencodeReader reader, int stripes)
    {
        int certificate = -1;
        int[] indexes = [];
        LeaseStatement? statement = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                certificate = (int)reader.ReadInteger(0, LeasesMax);
            else if (key.SequenceEqual("i"u8))
                indexes = ReadIndexes(ref reader, stripes);
            else if (key.SequenceEqual("s"u8))
                statement = LeaseStatement.Decode(reader.ReadBytes(LeaseStatement.MaxEncodedLength));
            else
                reader.SkipValue();
        }
        return certificate >= 0 && statement is not null
            ? (certificate, indexes, statement)
            : throw reader.Malformed("a lease without certificate or statement");
    }

    private static byte[] EncodeIndexes(IReadOnlyList<int> indexes)
    {
        var bytes = new byte[indexes.Count * sizeof(ushort)];
        for (int i = 0; i < indexes.Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * sizeof(ushort)), (ushort)indexes[i]);
        return bytes;
    }

    private static int[] ReadIndexes(ref BencodeReader reader, int stripes)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(stripes * sizeof(ushort));
        var indexes = new int[bytes.Length / sizeof(ushort)];
        for (int i = 0; i < indexes.Length; i++)
        {
            indexes[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(i * sizeof(ushort))..]);
            if (indexes[i] >= stripes)
                throw reader.Malformed($"stripe {indexes[i]} of {stripes}");
        }
        return indexes;
    }
}
