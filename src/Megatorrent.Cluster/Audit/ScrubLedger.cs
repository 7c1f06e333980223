using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Since when every record of each segment is known to be good, a bound from below: 8 bytes a segment instead of 8 bytes a blob. A record
/// was put, or moved by a compaction that read and verified it, or re-hashed by a scrub, at or after its segment's time. Not thread-safe.
/// Layout of the file: docs/spec/audit.md, "Scrub".
/// </summary>
internal sealed class ScrubLedger
{
    /// <summary>The longest file, in bytes.</summary>
    public const int EncodedLengthMax = 4 << 20;

    private const int FormatVersion = 1;
    private const int EntryLength = sizeof(uint) + sizeof(long);

    // A time so little after now is a clock that was set, and counts as now; one later than that is a clock that was wrong.
    private const long ClockSlackMs = 60L * 60 * 1000;

    private readonly SortedDictionary<uint, long> _times = []; // segment to Unix ms, 0 = unknown
    private uint _highest;     // every segment up to it was there, or gone, at the last look
    private long _lastLook;    // Unix ms

    /// <summary>The segment that a scrub was in, 0 for none.</summary>
    public uint CursorSegment { get; private set; }

    /// <summary>Up to which offset.</summary>
    public long CursorOffset { get; private set; }

    /// <summary>When that scrub of the segment began, Unix ms.</summary>
    public long CursorStarted { get; private set; }

    /// <summary>A node that never ran before: nothing is held, so nothing is unknown.</summary>
    public static ScrubLedger Fresh(long now) => new() { _lastLook = now };

    /// <summary>
    /// Takes in which segments there are. One that was not there at the last look began after it; one that should have been known is
    /// unknown, that is, as old as can be.
    /// </summary>
    /// <param name="segments">All segments.</param>
    /// <param name="now">Unix ms.</param>
    public void Look(IReadOnlyList<SegmentStatistics> segments, long now)
    {
        uint highest = _highest;
        var there = new HashSet<uint>(segments.Count);
        foreach (SegmentStatistics segment in segments)
        {
            there.Add(segment.Number);
            highest = Math.Max(highest, segment.Number);
            if (!_times.ContainsKey(segment.Number))
                _times.Add(segment.Number, segment.Number > _highest ? _lastLook : 0);
        }
        foreach (uint gone in _times.Keys.Where(number => !there.Contains(number)).ToArray())
            _times.Remove(gone);
        if (CursorSegment != 0 && !there.Contains(CursorSegment))
            ClearCursor();
        _highest = highest;
        _lastLook = now;
    }

    /// <summary>The age of a segment's time in milliseconds; null when it is unknown.</summary>
    public long? AgeMs(uint segment, long now) =>
        _times.TryGetValue(segment, out long time) && time > 0 ? Math.Max(0, now - time) : null;

    /// <summary>A segment was read from its start to its end, beginning at <paramref name="started"/> (Unix ms).</summary>
    public void Checked(uint segment, long started)
    {
        if (_times.TryGetValue(segment, out long before))
            _times[segment] = Math.Max(before, started);
        if (CursorSegment == segment)
            ClearCursor();
    }

    /// <summary>A scrub has come this far in a segment.</summary>
    public void Mark(uint segment, long offset, long started) => (CursorSegment, CursorOffset, CursorStarted) = (segment, offset, started);

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        var times = new byte[_times.Count * EntryLength];
        int at = 0;
        foreach ((uint segment, long time) in _times)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(times.AsSpan(at), segment);
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(at + sizeof(uint)), time);
            at += EntryLength;
        }
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            Write("a", CursorStarted);
            Write("h", _highest);
            Write("l", _lastLook);
            Write("o", CursorOffset);
            Write("s", CursorSegment);
            writer.WriteKey("t");
            writer.WriteBytes(times);
            Write("v", FormatVersion);
            writer.End();

            void Write(string key, long value)
            {
                writer.WriteKey(key);
                writer.WriteInteger(value);
            }
        });
    }

    /// <summary>Reads a ledger.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="now">Unix ms; times after it are not believed.</param>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static ScrubLedger Decode(ReadOnlySpan<byte> source, long now)
    {
        var ledger = new ScrubLedger();
        long started = 0, offset = 0, look = 0, version = 0;
        uint cursor = 0;
        ReadOnlySpan<byte> times = default;
        var reader = new BencodeReader(source, subject: "scrub ledger");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: started = reader.ReadInteger(0, long.MaxValue); break;
                case [(byte)'h']: ledger._highest = (uint)reader.ReadInteger(0, uint.MaxValue); break;
                case [(byte)'l']: look = reader.ReadInteger(0, long.MaxValue); break;
                case [(byte)'o']: offset = reader.ReadInteger(0, uint.MaxValue); break;
                case [(byte)'s']: cursor = (uint)reader.ReadInteger(0, uint.MaxValue); break;
                case [(byte)'t']: times = reader.ReadBytes(EncodedLengthMax); break;
                case [(byte)'v']: version = reader.ReadInteger(FormatVersion, long.MaxValue); break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        if (version == 0 || times.Length % EntryLength != 0)
            throw reader.Malformed("the version is missing, or the times are cut");
        for (int at = 0; at < times.Length; at += EntryLength)
        {
            uint segment = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(times[at..]);
            ledger._times[segment] = Believable(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(times[(at + sizeof(uint))..]), now);
        }
        ledger._lastLook = Believable(look, now);
        if (cursor != 0 && Believable(started, now) is > 0 and var begun)
            ledger.Mark(cursor, offset, begun);
        return ledger;
    }

    private static long Believable(long time, long now) => time <= now ? Math.Max(0, time) : time <= now + ClockSlackMs ? now : 0;

    private void ClearCursor() => (CursorSegment, CursorOffset, CursorStarted) = (0, 0, 0);
}
