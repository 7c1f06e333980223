using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Judges accusations, this node's own and others', and remembers who was expelled and why. Nobody is expelled on somebody's word: the
/// blobs are got from elsewhere and the signed answers compared. Thread-safe. docs/spec/audit.md, "Accusation".
/// </summary>
internal sealed class Tribunal
{
    /// <summary>Members expelled at most, over the cluster's life; a file of 1 MiB.</summary>
    public const int ExpelledMax = 256;

    private const string FileName = "expelled";
    private const int FormatVersion = 1;
    private const int FileLengthMax = ExpelledMax * (Accusation.EncodedLengthMax + 16);
    private const int PendingMax = 16;      // accusations that wait for their judgement
    private const int AttemptsMax = 5;      // when the blobs cannot be had
    private const int PerAccuserMax = 4;    // accusations that one member may make us check in an hour
    private const int AccusersMax = 1024;

    private readonly NodeParts _parts;
    private readonly BlobTruth _truth;
    private readonly NodeFile _file;
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Accusation> _expelled = [];
    private readonly List<(Accusation Accusation, int Attempts)> _pending = [];
    private readonly Dictionary<NodeId, (long HourStart, int Count)> _checked = [];
    private readonly HashSet<NodeId> _spared = []; // proved liars that stay, as too many would be gone

    /// <summary>Puts it together; <see cref="OpenAsync"/> reads what is remembered.</summary>
    public Tribunal(NodeParts parts, BlobTruth truth)
    {
        _parts = parts;
        _truth = truth;
        _file = new NodeFile(parts.Options.FileSystem, parts.Options.DataDirectory, FileName, FileLengthMax, parts.Executor);
    }

    /// <summary>Raised when a member was expelled, with what proves it.</summary>
    public event Action<Accusation>? Expelled;

    /// <summary>Raised when a member turned out to have accused another wrongly.</summary>
    public event Action<NodeId>? AccusedFalsely;

    /// <summary>Members expelled.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _expelled.Count;
        }
    }

    /// <summary>Whether accusations wait for their judgement.</summary>
    public bool HasPending
    {
        get
        {
            lock (_gate)
                return _pending.Count > 0;
        }
    }

    /// <summary>Whether a member was expelled.</summary>
    public bool IsExpelled(NodeId member)
    {
        lock (_gate)
            return _expelled.ContainsKey(member);
    }

    /// <summary>Whether a member was proved to lie, but stays as too many others were expelled.</summary>
    public bool IsSpared(NodeId member)
    {
        lock (_gate)
            return _spared.Contains(member);
    }

    /// <summary>Reads who was expelled before. A file that cannot be read is a line in the log: the others tell it again.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _file.ReadAsync(cancellationToken) is not { } document)
                return;
            foreach (Accusation accusation in DecodeList(document))
                _expelled.TryAdd(accusation.Accused, accusation);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the list of expelled members cannot be used: {exception.Message}");
        }
    }

    /// <summary>Takes an accusation to be judged; false when it is old news, too many wait, or its teller had enough checked for now.</summary>
    /// <param name="accusation">Its form was checked.</param>
    /// <param name="teller">Who brought it, who need not be who made it.</param>
    public bool TryTake(Accusation accusation, NodeId teller)
    {
        lock (_gate)
        {
            if (accusation.Accused == _parts.Self || _expelled.ContainsKey(accusation.Accused) || _pending.Count == PendingMax
                || _spared.Contains(accusation.Accused) || _pending.Exists(item => item.Accusation.Accused == accusation.Accused
                    && item.Accusation.Accuser == accusation.Accuser)
                || !MayAsk(teller))
                return false;
            _pending.Add((accusation, 0));
            return true;
        }
    }

    /// <summary>Judges what waits, once each. What cannot be judged now waits on.</summary>
    public async ValueTask JudgeAsync(CancellationToken cancellationToken)
    {
        (Accusation Accusation, int Attempts)[] all;
        lock (_gate)
        {
            all = [.. _pending];
            _pending.Clear();
        }
        foreach ((Accusation accusation, int attempts) in all)
        {
            bool? holds = await HoldsAsync(accusation, cancellationToken);
            string accused = accusation.Accused.ToShortString(), accuser = accusation.Accuser.ToShortString();
            if (holds is true)
            {
                await ExpelAsync(accusation, cancellationToken);
            }
            else if (holds is false)
            {
                _parts.Log.Warn($"member {accuser} accused member {accused}, whose answers are right; it is the accuser who is not believed");
                if (accusation.Accuser != _parts.Self)
                    AccusedFalsely?.Invoke(accusation.Accuser);
            }
            else if (attempts + 1 < AttemptsMax)
            {
                lock (_gate)
                    _pending.Add((accusation, attempts + 1));
            }
            else
            {
                _parts.Log.Warn($"the accusation of member {accused} by {accuser} could not be checked and is dropped");
            }
        }
    }

    /// <summary>Expels a member on this node's own evidence, which was checked a moment ago.</summary>
    public ValueTask ExpelOwnAsync(Accusation accusation, CancellationToken cancellationToken) => ExpelAsync(accusation, cancellationToken);

    /// <summary>Every accusation that led to an expulsion, to be told to others; as many as fit.</summary>
    public byte[] EncodeList(int lengthMax)
    {
        Accusation[] all;
        lock (_gate)
            all = [.. _expelled.Values.OrderBy(static accusation => accusation.Accused)];
        return BencodeWriter.Encode(writer =>
        {
            int left = lengthMax - 32;
            writer.BeginDictionary();
            writer.WriteKey("e");
            writer.BeginList();
            foreach (Accusation accusation in all)
            {
                left -= accusation.Encoded.Length + 16;
                if (left < 0)
                    break;
                writer.WriteBytes(accusation.Encoded);
            }
            writer.End();
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
    }

    /// <summary>Reads a list of accusations, checking their form.</summary>
    /// <exception cref="MegatorrentException">Malformed, Integrity.</exception>
    public static List<Accusation> DecodeList(ReadOnlySpan<byte> source)
    {
        var all = new List<Accusation>();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "accusations");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'e']:
                    reader.BeginList();
                    while (reader.TryReadItem())
                    {
                        if (all.Count == ExpelledMax)
                            throw reader.Malformed($"more than {ExpelledMax} accusations");
                        all.Add(Accusation.Open(reader.ReadBytes(Accusation.EncodedLengthMax)));
                    }
                    break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return versioned ? all : throw reader.Malformed("the version is missing");
    }

    // True: every answer in it is wrong. False: one is right, so it is a lie. Null: that cannot be told now.
    private async ValueTask<bool?> HoldsAsync(Accusation accusation, CancellationToken cancellationToken)
    {
        bool unknown = false;
        foreach ((AuditProof proof, Core.Hashing.BlobId stripe) in accusation.Evidence)
        {
            using BlobLease? truth = await _truth.GetAsync(proof.Challenge.Blob, stripe, accusation.Accused, cancellationToken);
            if (truth is null)
                unknown = true;
            else if (proof.IsRight(truth.Memory.Span))
                return false;
        }
        return unknown ? null : true;
    }

    private async ValueTask ExpelAsync(Accusation accusation, CancellationToken cancellationToken)
    {
        int members = _parts.Membership.View.Members.Count;
        bool spared;
        lock (_gate)
        {
            if (_expelled.ContainsKey(accusation.Accused))
                return;

            // Many liars at once look like a fault of ours. Beyond a third of the members nobody is expelled: a person has to look.
            spared = _expelled.Count == ExpelledMax || _expelled.Count(pair => _parts.Membership.View.Find(pair.Key) is not null) >= Math.Max(1, members / 3);
            if (spared)
                _spared.Add(accusation.Accused);
            else
                _expelled.Add(accusation.Accused, accusation);
        }
        string blobs = string.Join(", ", accusation.Evidence.Select(static item => item.Proof.Challenge.Blob));
        string who = $"member {accusation.Accused.ToShortString()} signed wrong answers about blobs {blobs}";
        if (spared)
        {
            _parts.Log.Error($"{who}; it is not expelled, as a third of the members are already: find out why");
            return;
        }
        _parts.Log.Error($"{who} and is expelled; the accuser was {accusation.Accuser.ToShortString()}");
        try
        {
            await _file.WriteAsync(EncodeList(FileLengthMax), cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the list of expelled members could not be written: {exception.Message}");
        }
        Expelled?.Invoke(accusation);
    }

    private bool MayAsk(NodeId teller)
    {
        if (teller == _parts.Self)
            return true;
        long hour = _parts.Time.GetUtcNow().ToUnixTimeMilliseconds() / 3_600_000;
        (long start, int count) = _checked.GetValueOrDefault(teller);
        if (start != hour)
            (start, count) = (hour, 0);
        if (count == PerAccuserMax || _checked.Count == AccusersMax && !_checked.ContainsKey(teller))
            return false;
        _checked[teller] = (start, count + 1);
        return true;
    }
}
