using System.Buffers.Binary;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>The last audits of one member, and how many there were of each outcome. Not thread-safe. Layout: docs/spec/audit.md, "History".</summary>
internal sealed class PeerHistory(NodeId member)
{
    /// <summary>Audits remembered one by one; 46 bytes each, 6 KiB a member.</summary>
    public const int RingLength = 128;

    private const int EntryLength = sizeof(long) + 2 + BlobId.Length + sizeof(int);

    private readonly Queue<AuditResult> _ring = new();

    /// <summary>Whose.</summary>
    public NodeId Member { get; } = member;

    /// <summary>Audits by outcome, since this node first heard of the member.</summary>
    public long Ok { get; private set; }

    /// <inheritdoc cref="Ok"/>
    public long Unknown { get; private set; }

    /// <inheritdoc cref="Ok"/>
    public long Missing { get; private set; }

    /// <inheritdoc cref="Ok"/>
    public long Wrong { get; private set; }

    /// <summary>Audits without an answer since the last with one.</summary>
    public int UnknownInRow { get; private set; }

    /// <summary>When the last wrong answer was, Unix ms; 0 never.</summary>
    public long WrongAt { get; private set; }

    /// <summary>When the last audit was, Unix ms; 0 never.</summary>
    public long LastAt { get; private set; }

    /// <summary>The remembered audits, oldest first.</summary>
    public IEnumerable<AuditResult> Results => _ring;

    /// <summary>Takes in one more.</summary>
    public void Add(in AuditResult result)
    {
        switch (result.Outcome)
        {
            case AuditOutcome.Ok: Ok++; break;
            case AuditOutcome.Unknown: Unknown++; break;
            case AuditOutcome.Missing: Missing++; break;
            default: Wrong++; break;
        }
        Remember(result);
    }

    /// <summary>Writes a dictionary: n member, o the numbers of outcomes, r the remembered audits.</summary>
    public void Write(BencodeWriter writer)
    {
        var entries = new byte[_ring.Count * EntryLength];
        Span<byte> at = entries;
        foreach (AuditResult result in _ring)
        {
            BinaryPrimitives.WriteInt64BigEndian(at, result.UnixMs);
            at[8] = (byte)result.Kind;
            at[9] = (byte)result.Outcome;
            result.Blob.CopyTo(at[10..]);
            BinaryPrimitives.WriteInt32BigEndian(at[(10 + BlobId.Length)..], result.TookMs);
            at = at[EntryLength..];
        }
        NodeId id = Member;
        writer.BeginDictionary();
        writer.WriteKey("n");
        writer.WriteBytes(NodeId.AsSpan(in id));
        writer.WriteKey("o");
        writer.BeginList();
        foreach (long count in (long[])[Ok, Unknown, Missing, Wrong])
            writer.WriteInteger(count);
        writer.End();
        writer.WriteKey("r");
        writer.WriteBytes(entries);
        writer.End();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="Core.MegatorrentException">Malformed.</exception>
    public static PeerHistory Read(ref BencodeReader reader)
    {
        NodeId? member = null;
        ReadOnlySpan<byte> entries = default;
        var counts = new List<long>();
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'n']: member = new NodeId(reader.ReadBytesExact(NodeId.Length)); break;
                case [(byte)'o']:
                    reader.BeginList();
                    while (reader.TryReadItem())
                    {
                        if (counts.Count == 4)
                            throw reader.Malformed("more than four numbers of outcomes");
                        counts.Add(reader.ReadInteger(0, long.MaxValue));
                    }
                    break;
                case [(byte)'r']: entries = reader.ReadBytes(RingLength * EntryLength); break;
                default: reader.SkipValue(); break;
            }
        }
        if (member is not { } id || counts.Count != 4 || entries.Length % EntryLength != 0)
            throw reader.Malformed("an entry of a member's audits is missing or cut");
        var history = new PeerHistory(id) { Ok = counts[0], Unknown = counts[1], Missing = counts[2], Wrong = counts[3] };
        for (; entries.Length > 0; entries = entries[EntryLength..])
        {
            (byte kind, byte outcome) = (entries[8], entries[9]);
            if (kind is < (byte)AuditKind.Copy or > (byte)AuditKind.Accusation || outcome is < (byte)AuditOutcome.Ok or > (byte)AuditOutcome.Wrong)
                throw reader.Malformed($"an audit of kind {kind} and outcome {outcome}");
            history.Remember(new AuditResult(
                id, new BlobId(entries.Slice(10, BlobId.Length)), (AuditKind)kind, (AuditOutcome)outcome,
                BinaryPrimitives.ReadInt64BigEndian(entries), BinaryPrimitives.ReadInt32BigEndian(entries[(10 + BlobId.Length)..])));
        }
        return history;
    }

    private void Remember(in AuditResult result)
    {
        if (_ring.Count == RingLength)
            _ring.Dequeue();
        _ring.Enqueue(result);
        UnknownInRow = result.Outcome == AuditOutcome.Unknown ? UnknownInRow + 1 : 0;
        WrongAt = result.Outcome == AuditOutcome.Wrong ? Math.Max(WrongAt, result.UnixMs) : WrongAt;
        LastAt = Math.Max(LastAt, result.UnixMs);
    }
}
