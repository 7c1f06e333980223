using System.Globalization;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// Compares what this node and the others hold with what the stripes should have, by sums over ranges, now and then and after every change
/// of the membership; what differs is given to repair. Answers the others' questions. Thread-safe.
/// </summary>
internal sealed class EntropyService : INodeService
{
    private static readonly TimeSpan RebuildPause = TimeSpan.FromMinutes(1);

    private readonly NodeParts _parts;
    private readonly EntropyOptions _options;
    private readonly EntropyTable _table;
    private readonly AsyncSignal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _loop = Task.CompletedTask;
    private DateTimeOffset _due = DateTimeOffset.MaxValue;
    private EntropyLayout? _seen;
    private EntropyResult? _last;
    private bool _wasTooMuch;
    private DateTimeOffset? _equalAt;
    private long _comparisons;
    private long _bytes;
    private long _differences;

    /// <summary>Puts the service together.</summary>
    public EntropyService(NodeParts parts)
    {
        _parts = parts;
        _options = parts.Options.Entropy;
        TimeSpan period = TimeSpan.FromMilliseconds(_options.PeriodMs / 2.0);
        _table = new EntropyTable(
            parts.Store, parts.Self, parts.Repair.Context.IsEnded, period < RebuildPause ? period : RebuildPause, parts.Time, _stop.Token);
        _signal = new AsyncSignal(parts.Time);
        Calls =
        [
            new NodeCall(EntropyMessages.DigestName, Role.Node, AnswerDigestAsync),
            new NodeCall(EntropyMessages.RangeName, Role.Node, AnswerRangeAsync),
        ];
    }

    /// <inheritdoc/>
    public string Name => "entropy";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, long>
                {
                    ["bytes"] = _bytes,
                    ["comparisons"] = _comparisons,
                    ["differences"] = _differences,
                    ["equal-at"] = _equalAt?.ToUnixTimeMilliseconds() ?? 0,
                    ["last-bytes"] = _last?.Bytes ?? 0,
                    ["last-different"] = _last?.Different.Count ?? 0,
                    ["last-equal"] = _last is { IsEqual: true, Unknown: null } ? 1 : 0,
                    ["table-builds"] = _table.Builds,
                };
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public void Start()
    {
        if (_options.PeriodMs == 0)
            return;
        _parts.Membership.Changed += MembershipChanged;
        MembershipChanged(_parts.Membership.View);
        _loop = RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _parts.Membership.Changed -= MembershipChanged;
        _stop.Cancel();
        await _loop;
        await _table.SettleAsync();
        _stop.Dispose();
    }

    /// <summary>Compares now, and tells nobody.</summary>
    internal async ValueTask<EntropyResult> CompareAsync(CancellationToken cancellationToken)
    {
        ClusterView view = _parts.Membership.View;
        DateTimeOffset now = _parts.Time.GetUtcNow();
        var grace = TimeSpan.FromMilliseconds(_parts.Options.Repair.GraceMs);
        if (view.Members.Any(member => !member.IsLiving && now - member.Since < grace))
            return new EntropyResult { Unknown = "a member is within its grace time" };
        var layout = new EntropyLayout(view);
        int self = layout.IndexOf(_parts.Self);
        if (self < 0)
            return new EntropyResult { Unknown = "this node is not a member yet" };
        await _table.UpdateAsync(layout, cancellationToken);
        return await new EntropyComparison(layout, _table, self, _options.DifferencesMax, AskAsync).RunAsync(cancellationToken);
    }

    private async ValueTask<byte[]> AskAsync(Member member, string name, byte[] question, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_options.AnswerTimeoutMs, _parts.Time, cancellationToken);
        try
        {
            return await _parts.AskAsync(member, name, question, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MegatorrentException(ErrorKind.Timeout, $"member {member.Id.ToShortString()} did not answer in time");
        }
    }

    private async ValueTask<byte[]> AnswerDigestAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        (byte[] name, int bits, StripeRange[] ranges) = EntropyMessages.DecodeQuestion(body.Span);
        if (LayoutFor(name, peer) is not { } meant)
            return EntropyMessages.EncodeSums(null);
        await _table.UpdateAsync(meant.Layout, cancellationToken);
        var sums = new RangeSum[ranges.Length << bits];
        for (int i = 0; i < sums.Length; i++)
            sums[i] = _table.SumOf(meant.Layout, meant.Owner, ranges[i >> bits].Part(bits, i & ((1 << bits) - 1)));
        return EntropyMessages.EncodeSums(sums);
    }

    private async ValueTask<byte[]> AnswerRangeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        (byte[] name, _, StripeRange[] ranges) = EntropyMessages.DecodeQuestion(body.Span);
        if (LayoutFor(name, peer) is not { } meant)
            return EntropyMessages.EncodeStripes(null, isCut: false);
        (List<(BlobId Stripe, UInt128 Total)> held, bool isCut) =
            await _table.ListAsync(meant.Layout, meant.Owner, ranges, EntropyMessages.MaxStripes, cancellationToken);
        return EntropyMessages.EncodeStripes(held, isCut);
    }

    // The layout by which a peer asks, if this node sees the same, and the peer's place in it.
    private (EntropyLayout Layout, int Owner)? LayoutFor(byte[] name, PeerIdentity peer)
    {
        var layout = new EntropyLayout(_parts.Membership.View);
        int owner = layout.IndexOf(peer.Id);
        return owner >= 0 && layout.Name.AsSpan().SequenceEqual(name) ? (layout, owner) : null;
    }

    private void MembershipChanged(ClusterView view)
    {
        var layout = new EntropyLayout(view);
        lock (_gate)
        {
            if (_seen?.Name.AsSpan().SequenceEqual(layout.Name) == true)
                return;
            _seen = layout;
            _due = _parts.Time.GetUtcNow().AddMilliseconds(_options.SettleMs);
        }
        _signal.Set();
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                await WaitAsync(stop);
                EntropyResult result;
                try
                {
                    result = await CompareAsync(stop);
                }
                catch (Exception exception) when (!stop.IsCancellationRequested)
                {
                    result = new EntropyResult { Unknown = exception.Message }; // whatever it was: the next comparison must come
                }
                Conclude(result);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async ValueTask WaitAsync(CancellationToken stop)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_gate)
            {
                wait = _due - _parts.Time.GetUtcNow();
                if (wait <= TimeSpan.Zero)
                {
                    // The members do not compare all at once.
                    double jitter = 0.9 + (0.2 * _parts.Random.NextDouble());
                    _due = _parts.Time.GetUtcNow().AddMilliseconds(_options.PeriodMs * jitter);
                    return;
                }
            }
            await _signal.WaitAsync(wait, stop);
        }
    }

    private void Conclude(EntropyResult result)
    {
        bool becameTooMuch;
        lock (_gate)
        {
            becameTooMuch = result.IsTooMuch && !_wasTooMuch;
            if (result.Unknown is null)
                _wasTooMuch = result.IsTooMuch;
            else
                _due = Earlier(_due, _parts.Time.GetUtcNow().AddMilliseconds(Math.Max(_options.SettleMs, 1)));
            _last = result;
            _comparisons++;
            _bytes += result.Bytes;
            _differences += result.Different.Count;
            if (result is { IsEqual: true, Unknown: null })
                _equalAt = _parts.Options.Time.GetUtcNow();
        }
        string found = result.Unknown is { } reason ? $"nothing known: {reason}"
            : result.IsEqual ? "nothing differs"
            : result.IsTooMuch ? "more differs than is followed"
            : $"{result.Different.Count} stripes differ";
        _parts.Log.Write(
            result.Different.Count > 0 || becameTooMuch ? LogLevel.Info : LogLevel.Debug,
            string.Create(CultureInfo.InvariantCulture, $"anti-entropy: {found}; {result.Questions} questions, {result.Bytes} bytes"));
        if (result.Different.Count > 0)
            _parts.Repair.Differ(result.Different);
        else if (becameTooMuch)
            _parts.Repair.Trigger("many stripes differ from what they should be");
        else if (result is { IsEqual: true, Unknown: null })
            _parts.Repair.FoundEqual();
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
