using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// What a node remembers over a restart of what it has seen itself; what others say they say again. Layout: docs/spec/reputation.md, "File".
/// </summary>
/// <param name="Written">When, on the node's clock; the sums are faded to then.</param>
/// <param name="Sequence">Of the node's last opinion.</param>
/// <param name="Records">The members and what was seen of them.</param>
internal sealed record ReputationFile(DateTimeOffset Written, long Sequence, IReadOnlyList<(NodeId Id, DirectRecord Record)> Records)
{
    /// <summary>The longest file, in bytes.</summary>
    public const int MaxLength = 512 * 1024;

    /// <summary>The file's name in the node's folder.</summary>
    public const string FileName = "reputation";

    /// <summary>Members that are remembered.</summary>
    public const int MaxRecords = 1024;

    private const int Version = 1;
    private const double Unit = 1000; // sums are kept in thousandths
    private const long MaxSum = 1L << 53; // so that a double holds it

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.BeginList();
        foreach (var (id, record) in Records.Take(MaxRecords))
        {
            writer.BeginDictionary();
            writer.WriteKey("f");
            writer.WriteInteger(record.FirstSeen.ToUnixTimeMilliseconds());
            writer.WriteKey("n");
            writer.WriteBytes(NodeId.AsSpan(id));
            writer.WriteKey("u");
            writer.BeginList();
            foreach (double sum in record.Sums)
                writer.WriteInteger((long)Math.Clamp(Math.Round(sum * Unit), 0, MaxSum));
            writer.End();
            writer.End();
        }
        writer.End();
        writer.WriteKey("q");
        writer.WriteInteger(Sequence);
        writer.WriteKey("t");
        writer.WriteInteger(Written.ToUnixTimeMilliseconds());
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static ReputationFile Decode(ReadOnlySpan<byte> source)
    {
        long written = -1, sequence = -1;
        bool versioned = false;
        var lines = new List<(NodeId Id, long FirstSeen, double[] Sums)>();
        var reader = new BencodeReader(source, subject: "reputation file");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("p"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    if (lines.Count == MaxRecords)
                        throw reader.Malformed($"more than {MaxRecords} members");
                    lines.Add(ReadLine(ref reader));
                }
            }
            else if (key.SequenceEqual("q"u8))
            {
                sequence = reader.ReadInteger(0, long.MaxValue);
            }
            else if (key.SequenceEqual("t"u8))
            {
                written = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
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
        if (!versioned || written < 0 || sequence < 0)
            throw reader.Malformed("the time, the number or the version is missing");
        var at = DateTimeOffset.FromUnixTimeMilliseconds(written);
        return new ReputationFile(at, sequence, lines.ConvertAll(line =>
        {
            var record = new DirectRecord { FirstSeen = DateTimeOffset.FromUnixTimeMilliseconds(line.FirstSeen), At = at };
            line.Sums.CopyTo(record.Sums);
            return (line.Id, record);
        }));
    }

    private static (NodeId Id, long FirstSeen, double[] Sums) ReadLine(ref BencodeReader reader)
    {
        NodeId? id = null;
        long firstSeen = -1;
        double[] sums = new double[DirectRecord.SumCount];
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("f"u8))
            {
                firstSeen = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            }
            else if (key.SequenceEqual("n"u8))
            {
                id = new NodeId(reader.ReadBytesExact(NodeId.Length));
            }
            else if (key.SequenceEqual("u"u8))
            {
                int count = 0;
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    double sum = reader.ReadInteger(0, MaxSum) / Unit;
                    if (count < sums.Length)
                        sums[count] = sum;
                    count++; // a later version may have more
                }
            }
            else
            {
                reader.SkipValue();
            }
        }
        return id is { } known && firstSeen >= 0 ? (known, firstSeen, sums) : throw reader.Malformed("a member or its date is missing");
    }
}
