using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Forecast;

/// <summary>
/// All that a node's forecasts remember: history, members' lives, what was decided. Layout: docs/spec/forecast.md, "File". Not thread-safe.
/// </summary>
internal sealed class ForecastState
{
    /// <summary>Milliseconds of an hour.</summary>
    public const long HourMs = 3_600_000;

    /// <summary>Milliseconds of a fine stretch: 5 min.</summary>
    public const long FineMs = 300_000;

    /// <summary>The longest file, in bytes: samples 64 KiB, members 100 KiB, decisions 512 of at most a few hundred bytes.</summary>
    public const int MaxLength = 4 << 20;

    private const int FineMax = 576;       // 2 days
    private const int HourlyMax = 1440;    // 60 days
    private const int MembersMax = 2048;   // twice the members of a cluster: those that ended are the evidence
    private const int DecisionsMax = 512;  // three weeks of a decision an hour
    private const int MemberLength = NodeId.Length + 17;
    private const int Version = 1;

    /// <summary>Stretches of 5 minutes, two days of them.</summary>
    public SampleSeries Fine { get; } = new(FineMs, FineMax);

    /// <summary>Hours, 60 days of them.</summary>
    public SampleSeries Hourly { get; } = new(HourMs, HourlyMax);

    /// <summary>The lives of the members, this node's among them.</summary>
    public Dictionary<NodeId, MemberLife> Members { get; } = [];

    /// <summary>What was decided, oldest first.</summary>
    public List<Decision> Decisions { get; } = [];

    /// <summary>When this node first forecast anything, milliseconds of Unix time.</summary>
    public long BornMs { get; set; }

    /// <summary>The share of its weight that the node advertises, in millionths.</summary>
    public long WeightPpm { get; set; } = DecisionRules.Whole;

    /// <summary>When that was last changed, milliseconds of Unix time; 0 for never.</summary>
    public long WeightChangedMs { get; set; }

    /// <summary>Adds a decision; the oldest goes when there are too many.</summary>
    public void Log(Decision decision)
    {
        Decisions.Add(decision);
        if (Decisions.Count > DecisionsMax)
            Decisions.RemoveRange(0, Decisions.Count - DecisionsMax);
    }

    /// <summary>
    /// Takes a view: new members begin, those that are gone have ended now, as far as this node knows; one that comes back had not ended.
    /// </summary>
    /// <param name="view">The members now.</param>
    /// <param name="dead">Who was dead in the view before.</param>
    /// <param name="nowMs">Now.</param>
    public void Follow(ClusterView view, IReadOnlySet<NodeId> dead, long nowMs)
    {
        foreach (Member member in view.Members)
        {
            Members[member.Id] = Members.TryGetValue(member.Id, out MemberLife life)
                ? life with { EndMs = 0, Failed = false }
                : new MemberLife(member.Id, nowMs, 0, false);
        }
        foreach (MemberLife life in Members.Values.Where(life => life.EndMs == 0 && view.Find(life.Id) is null).ToArray())
            Members[life.Id] = life with { EndMs = Math.Max(life.FirstMs + 1, nowMs), Failed = dead.Contains(life.Id) };
        if (Members.Count > MembersMax)
        {
            foreach (MemberLife life in Members.Values.Where(static life => life.EndMs > 0).OrderBy(static life => life.EndMs)
                .Take(Members.Count - MembersMax).ToArray())
                Members.Remove(life.Id);
        }
    }

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("b");
        writer.WriteInteger(BornMs);
        writer.WriteKey("d");
        writer.BeginList();
        foreach (Decision decision in Decisions)
            decision.Write(writer);
        writer.End();
        writer.WriteKey("f");
        writer.WriteBytes(Fine.Encode());
        writer.WriteKey("h");
        writer.WriteBytes(Hourly.Encode());
        writer.WriteKey("m");
        writer.WriteBytes(EncodeMembers());
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.WriteKey("w");
        writer.WriteInteger(WeightPpm);
        writer.WriteKey("x");
        writer.WriteInteger(WeightChangedMs);
        writer.End();
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static ForecastState Decode(ReadOnlySpan<byte> source)
    {
        long latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        var state = new ForecastState();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "forecast file");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("b"u8))
                state.BornMs = reader.ReadInteger(0, latest);
            else if (key.SequenceEqual("d"u8))
                ReadDecisions(ref reader, state);
            else if (key.SequenceEqual("f"u8))
                state.Fine.Decode(reader.ReadBytes(state.Fine.EncodedLengthMax));
            else if (key.SequenceEqual("h"u8))
                state.Hourly.Decode(reader.ReadBytes(state.Hourly.EncodedLengthMax));
            else if (key.SequenceEqual("m"u8))
                state.DecodeMembers(reader.ReadBytes(MembersMax * MemberLength));
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else if (key.SequenceEqual("w"u8))
                state.WeightPpm = reader.ReadInteger(1, DecisionRules.Whole);
            else if (key.SequenceEqual("x"u8))
                state.WeightChangedMs = reader.ReadInteger(0, latest);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return versioned ? state : throw reader.Malformed("the version is missing");
    }

    private static void ReadDecisions(ref BencodeReader reader, ForecastState state)
    {
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (state.Decisions.Count == DecisionsMax)
                throw reader.Malformed($"more than {DecisionsMax} decisions");
            state.Decisions.Add(Decision.Read(ref reader));
        }
    }

    // Id, first seen, end, 1 if failed.
    private byte[] EncodeMembers()
    {
        var bytes = new byte[Members.Count * MemberLength];
        Span<byte> at = bytes;
        foreach (MemberLife life in Members.Values.OrderBy(static life => life.Id))
        {
            life.Id.CopyTo(at);
            BinaryPrimitives.WriteInt64BigEndian(at[NodeId.Length..], life.FirstMs);
            BinaryPrimitives.WriteInt64BigEndian(at[(NodeId.Length + 8)..], life.EndMs);
            at[NodeId.Length + 16] = life.Failed ? (byte)1 : (byte)0;
            at = at[MemberLength..];
        }
        return bytes;
    }

    private void DecodeMembers(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % MemberLength != 0)
            throw new MegatorrentException(ErrorKind.Malformed, $"{bytes.Length} bytes are no members of {MemberLength}.");
        for (; !bytes.IsEmpty; bytes = bytes[MemberLength..])
        {
            var life = new MemberLife(
                new NodeId(bytes[..NodeId.Length]), BinaryPrimitives.ReadInt64BigEndian(bytes[NodeId.Length..]),
                BinaryPrimitives.ReadInt64BigEndian(bytes[(NodeId.Length + 8)..]), bytes[NodeId.Length + 16] == 1);
            if (life.FirstMs < 0 || life.EndMs < 0)
                throw new MegatorrentException(ErrorKind.Malformed, "A member's time is negative.");
            Members[life.Id] = life;
        }
    }
}
