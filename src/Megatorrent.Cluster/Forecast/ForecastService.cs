using System.Globalization;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Forecast;

/// <summary>
/// Keeps a node's history, forecasts from it once an hour, and decides: the weight that the node advertises, how fast it scrubs, and which
/// members are likely to fail. Every decision is logged with what it was made of. Thread-safe.
/// </summary>
internal sealed class ForecastService : INodeService, IRepairHints, IRateAdvice
{
    /// <summary>The call by which a member tells its age and the damage that it found.</summary>
    public const string RiskName = "forecast-risk";

    private const int WriteEvery = 3;                  // fine stretches: a crash costs a quarter of an hour of history
    private const int EvidenceHours = 60 * 24;         // damage counts for this long
    private const int AskTimeoutMs = 5000;             // of one member, once an hour
    private const double RateChangeMin = 0.1;          // smaller changes of the scrub's rate are not worth a line in the log
    private const double PeakShareMin = 0.25;          // repair that is not urgent keeps this share of its rate at the peak

    private readonly NodeParts _parts;
    private readonly ForecastOptions _options;
    private readonly ForecastFile _file;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new(); // the state and the fields below
    private ForecastState _state = new();
    private Task _loop = Task.CompletedTask;
    private HashSet<NodeId> _dead = [];
    private HashSet<NodeId> _likely = [];
    private Decision? _weight;
    private Decision? _scrub;
    private long _foregroundSeen;
    private long _damageSeen;
    private long _hourDecided;
    private int _unwritten;
    private bool _isOpen; // before, there is nothing to write, and a history that must not be replaced

    /// <summary>Prepares the service.</summary>
    public ForecastService(NodeParts parts)
    {
        _parts = parts;
        _options = parts.Options.Forecast;
        _file = new ForecastFile(parts.Options.FileSystem, parts.Options.DataDirectory);
        Calls = [new NodeCall(RiskName, Role.Node, (_, _, _) => ValueTask.FromResult(OwnRisk().Encode()))];
    }

    /// <inheritdoc/>
    public string Name => "forecast";

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
                    ["decisions"] = _state.Decisions.Count,
                    ["full-in-hours"] = _weight?.Forecast["full-in-hours"] ?? -1,
                    ["history-hours"] = _state.Hourly.Samples.Count,
                    ["history-hours-needed"] = DecisionRules.HoursMin,
                    ["likely-to-fail"] = _likely.Count,
                    ["scrub-bytes-per-second"] = ScrubBytesPerSecond ?? 0,
                    ["used-upper"] = _weight?.Forecast["upper"] ?? 0,
                    ["weight-ppm"] = _state.WeightPpm,
                };
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlySet<NodeId> LikelyToFail
    {
        get
        {
            lock (_gate)
                return _likely;
        }
    }

    /// <inheritdoc/>
    public long? ScrubBytesPerSecond
    {
        get
        {
            lock (_gate)
                return _options.Decides ? _scrub?.Outcome : null;
        }
    }

    /// <inheritdoc/>
    public long? RepairBytesPerSecond
    {
        get
        {
            long configured = _parts.Options.Repair.BytesPerSecond;
            RepairStatus repair = _parts.Repair.Status;
            ClusterView view = _parts.Membership.View;
            bool died = view.Living.Count < view.Members.Count; // the cycle that counts what this endangered has yet to end
            lock (_gate)
            {
                bool urgent = died || repair.StripesEndangered > 0 || repair.StripesUnrecoverable > 0 || _likely.Count > 0;
                if (!_options.Decides || configured == 0 || urgent || _scrub is not { } scrub || scrub.Forecast["peak"] <= 0)
                    return null;
                double share = 1 - (double)scrub.Forecast["load"] / scrub.Forecast["peak"];
                return Math.Max(1, (long)(configured * Math.Max(PeakShareMin, share)));
            }
        }
    }

    private long NowMs => Math.Max(0, _parts.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _options.Validate();
        ForecastState? state = null;
        try
        {
            state = await _parts.Executor.RunAsync(static file => file.Read(), _file, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error(
                $"the history of the forecasts cannot be used and is kept as {ForecastFile.BadName}; a new one begins: {exception.Message}");
            await SetAsideAsync(cancellationToken);
        }
        lock (_gate)
        {
            _isOpen = true;
            _state = state ?? new ForecastState { BornMs = NowMs };
            int future = _state.Hourly.DropAfter(NowMs) + _state.Fine.DropAfter(NowMs);
            if (future > 0)
                _parts.Log.Warn($"{future} samples of the history are of a time to come and are left out; was the clock wrong?");
            _state.WeightChangedMs = Math.Min(_state.WeightChangedMs, NowMs); // a time to come would put off every change until then
            _hourDecided = NowMs / ForecastState.HourMs;
            _damageSeen = _parts.Store.Statistics.BadRecords;
            _foregroundSeen = _parts.ForegroundBytes();
            foreach (IGrouping<string, Decision> about in _state.Decisions.Where(static decision => decision.Kind == DecisionKind.Risk)
                .GroupBy(static decision => Convert.ToHexString(decision.Subject)))
            {
                if (about.Last() is { Outcome: 1, Subject.Length: NodeId.Length } last)
                    _likely.Add(new NodeId(last.Subject));
            }
        }
        _parts.Repair.Hints = this;
        if (_options.Decides && _state.WeightPpm < DecisionRules.Whole)
            _parts.AnnounceWeight(_state.WeightPpm);
    }

    /// <inheritdoc/>
    public void Start()
    {
        _parts.Membership.Changed += MembershipChanged;
        _parts.Repair.CycleCompleted += CycleCompleted;
        _loop = RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _parts.Membership.Changed -= MembershipChanged;
        _parts.Repair.CycleCompleted -= CycleCompleted;
        _stop.Cancel();
        await _loop;
        await WriteAsync();
        _stop.Dispose();
    }

    /// <summary>Takes a sample, and when an hour has ended decides. The loop calls it once a fine stretch.</summary>
    internal async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        bool decide;
        lock (_gate)
        {
            long now = NowMs;
            Sample(now);
            decide = now / ForecastState.HourMs != _hourDecided;
            _hourDecided = now / ForecastState.HourMs;
        }
        if (decide)
            await DecideAsync(cancellationToken);
        if (decide || ++_unwritten >= WriteEvery)
            await WriteAsync();
    }

    // What becomes urgent does not wait for the hour.
    private void MembershipChanged(ClusterView view) => PaceRepair();

    private void CycleCompleted(CycleResult result) => PaceRepair();

    private void PaceRepair() => _parts.Repair.LimitRate(RepairBytesPerSecond);

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                try
                {
                    await StepAsync(stop);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stop.IsCancellationRequested)
                {
                    _parts.Log.Error($"no forecast was made: {exception.Message}"); // whatever it was: the next sample must come
                }
                long into = NowMs % ForecastState.FineMs;
                await Task.Delay(TimeSpan.FromMilliseconds(ForecastState.FineMs - into + 1), _parts.Time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private void Sample(long now)
    {
        long used = _parts.Store.Statistics.UsedBytes, damage = _parts.Store.Statistics.BadRecords, foreground = _parts.ForegroundBytes();
        _state.Fine.Add(now, used, Math.Max(0, foreground - _foregroundSeen), Math.Max(0, damage - _damageSeen));
        _state.Hourly.Add(now, used, Math.Max(0, foreground - _foregroundSeen), Math.Max(0, damage - _damageSeen));
        (_foregroundSeen, _damageSeen) = (foreground, damage);
        ClusterView view = _parts.Membership.View;
        _state.Follow(view, _dead, now);
        _dead = [.. view.Members.Where(static member => !member.IsLiving).Select(static member => member.Id)];
    }

    private async ValueTask DecideAsync(CancellationToken cancellationToken)
    {
        long? announce = null;
        lock (_gate)
        {
            long now = NowMs;
            _weight = DecisionRules.Weigh(_state.Hourly, now, new StatusNumbers
            {
                ["changed"] = _state.WeightChangedMs,
                ["floor"] = _options.WeightFloorPpm,
                ["horizon"] = _options.HorizonHours,
                ["limit"] = (long)(_parts.Options.CapacityBytes / (double)DecisionRules.Whole * _options.FillLimitPpm),
                ["weight"] = _state.WeightPpm,
            });
            if (_weight is not null && _options.Decides && _weight.Outcome != _state.WeightPpm)
            {
                Log(_weight, $"weight from {Percent(_state.WeightPpm)} to {Percent(_weight.Outcome)} of its own");
                (_state.WeightPpm, _state.WeightChangedMs) = (_weight.Outcome, now);
                announce = _weight.Outcome;
            }
            PaceScrub(now);
        }
        if (announce is { } weight)
            _parts.AnnounceWeight(weight);
        PaceRepair();
        await JudgeMembersAsync(cancellationToken);
    }

    private void PaceScrub(long now)
    {
        long ceiling = _parts.Options.ScrubBytesPerSecond;
        if (ceiling == 0)
            return; // no limit was wanted
        (long read, long hours) = _parts.ScrubUnderWay() ?? (0, 0);
        Decision? scrub = DecisionRules.PaceScrub(_state.Hourly, now, new StatusNumbers
        {
            ["bytes"] = Math.Max(0, _parts.Store.Statistics.LiveBytes - read),
            ["ceiling"] = ceiling,
            ["floor"] = _options.ScrubFloorBytesPerSecond,
            ["left"] = Math.Max(1, _options.ScrubPassHours - hours),
        });
        bool changed = scrub is not null
            && (_scrub is null || Math.Abs(scrub.Outcome - _scrub.Outcome) > RateChangeMin * _scrub.Outcome);
        if (scrub is null || changed)
            _scrub = scrub;
        if (changed && _options.Decides)
            Log(scrub!, $"scrub at {scrub!.Outcome} bytes a second");
    }

    private async ValueTask JudgeMembersAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_state.Hourly.Samples.Count < DecisionRules.HoursMin)
                return;
        }
        ClusterView view = _parts.Membership.View;
        var told = new List<(NodeId Id, RiskReply Risk)>();
        foreach (Member member in view.Members)
        {
            if (member.Id == _parts.Self)
                told.Add((member.Id, OwnRisk()));
            else if (member.IsLiving && await AskAsync(member, cancellationToken) is { } risk)
                told.Add((member.Id, risk));
        }
        NodeId? begun = null;
        lock (_gate)
        {
            var likely = new HashSet<NodeId>(_likely.Where(id => view.Find(id) is not null));
            foreach ((NodeId id, RiskReply risk) in told)
            {
                bool was = likely.Contains(id);
                Decision decision = Judge(id, risk, was);
                if (decision.Outcome == 1 == was || !_options.Decides)
                    continue;
                Log(decision, $"member {id.ToShortString()} is {(was ? "no longer " : "")}likely to fail");
                begun = was ? begun : id;
                if (!likely.Remove(id))
                    likely.Add(id);
            }
            _likely = likely;
        }
        PaceRepair();
        if (begun is { } first)
            _parts.Repair.Trigger($"member {first.ToShortString()} is likely to fail");
    }

    private Decision Judge(NodeId id, RiskReply risk, bool was)
    {
        var subject = new byte[NodeId.Length];
        id.CopyTo(subject);
        return DecisionRules.Risk(_state.Members.Values, NowMs, subject, new StatusNumbers
        {
            ["age"] = risk.AgeHours,
            ["bound"] = _options.RiskBoundPpm,
            ["damage"] = risk.Damage,
            ["period"] = _options.RiskHours,
            ["was"] = was ? 1 : 0,
        });
    }

    private RiskReply OwnRisk()
    {
        lock (_gate)
        {
            long since = NowMs - EvidenceHours * ForecastState.HourMs;
            return new RiskReply(
                Math.Max(0, NowMs - _state.BornMs) / ForecastState.HourMs,
                _state.Hourly.Samples.Where(sample => sample.StartMs >= since).Sum(static sample => sample.Damage));
        }
    }

    // A member that does not answer is judged by membership, not here.
    private async ValueTask<RiskReply?> AskAsync(Member member, CancellationToken cancellationToken)
    {
        using var timeout = new Deadline(AskTimeoutMs, _parts.Time, cancellationToken);
        try
        {
            return RiskReply.Decode(await _parts.AskAsync(member, RiskName, ReadOnlyMemory<byte>.Empty, timeout.Token));
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Debug($"member {member.Id.ToShortString()} did not tell its risk: {exception.Message}");
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Log(Decision decision, string what)
    {
        _state.Log(decision);
        string forecast = string.Join(", ", decision.Forecast.ToDictionary().OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
        _parts.Log.Info(string.Create(CultureInfo.InvariantCulture, $"forecast: {what}; {forecast}; bound {decision.Bound}"));
    }

    private async ValueTask WriteAsync()
    {
        byte[] document;
        lock (_gate)
        {
            if (!_isOpen)
                return;
            document = _state.Encode();
        }
        _unwritten = 0;
        try
        {
            await _parts.Executor.RunAsync(
                static job =>
                {
                    job._file.Write(job.document);
                    return true;
                },
                (_file, document), CancellationToken.None);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the history of the forecasts could not be written: {exception.Message}"); // the next time may be better
        }
    }

    private async ValueTask SetAsideAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Executor.RunAsync(
                static file =>
                {
                    file.SetAside();
                    return true;
                },
                _file, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the unusable history could not be kept: {exception.Message}");
        }
    }

    private static string Percent(long ppm) => string.Create(CultureInfo.InvariantCulture, $"{ppm / 10_000.0:0.#} %");
}
