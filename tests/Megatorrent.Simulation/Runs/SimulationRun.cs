using System.Globalization;
using Megatorrent.Client;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Manifests;
using Megatorrent.Simulation.Clusters;
using Megatorrent.Simulation.Engine;
using Megatorrent.Simulation.Faults;

namespace Megatorrent.Simulation.Runs;

/// <summary>
/// One seed: a cluster comes up, a client puts and reads while faults happen, the faults end, and what was promised is looked at.
/// </summary>
internal sealed class SimulationRun
{
    /// <summary>From the end of the faults to full health at the most: the grace time, and retries whose pauses have doubled.</summary>
    public static readonly TimeSpan HealthBound = TimeSpan.FromMinutes(10);

    private const long StepLimit = 20_000_000;
    private const int ObjectsMax = 14;
    private const int ObjectsMin = 3; // none is forgotten of so few
    private const int AttemptsMax = 8; // a client leaves a node alone for up to 10 s after a failure

    private static readonly TimeSpan FormBound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OperationLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan SurveyPeriod = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(2);

    private static readonly FaultKind[] FoundByThePeriod = [FaultKind.DiskLoss, FaultKind.SiteLoss, FaultKind.LosePart, FaultKind.Liar, FaultKind.Compact];

    private readonly ulong _seed;
    private readonly RunMode _mode;
    private readonly SimCluster _cluster;
    private readonly SimRandom _random;
    private readonly DamageBudget _budget;
    private readonly FaultInjector _injector;
    private readonly Survey _survey;
    private readonly List<SimObject> _objects = [];
    private readonly List<SimObject> _forgotten = [];
    private readonly List<SimObject> _halfForgotten = []; // not every node may have heard it, or none
    private readonly List<byte[]> _contents = [];
    private MegatorrentClient? _client;
    private SimulationException? _violation;
    private bool _faultsOver;
    private int _underWay;
    private int _made;
    private bool _forgetting;
    private int _reads;
    private int _refused;
    private TimeSpan? _healthAfter;

    public SimulationRun(ulong seed, RunMode mode, IReadOnlyList<Fault>? plan, TextWriter? log)
    {
        _seed = seed;
        _mode = mode;
        SimSettings settings = SimSettings.Draw(seed);
        Plan = plan ?? FaultPlan.Draw(seed, settings.FaultTime);
        // Until nodes compare what they hold, a loss that nobody saw is found by the periodic cycle.
        if (Plan.Any(static fault => FoundByThePeriod.Contains(fault.Kind)))
            settings = settings with { RepairPeriodMs = 90_000 };
        _cluster = new SimCluster(seed, settings, log);
        _random = SimRandom.Of(seed, "workload");
        _budget = new DamageBudget(settings.Scheme);
        _injector = new FaultInjector(_cluster, _budget, Violated);
        _survey = new Survey(_cluster);
    }

    /// <summary>What goes wrong.</summary>
    public IReadOnlyList<Fault> Plan { get; }

    private TimeProvider Time => _cluster.Time;

    private SimContext Harness => _cluster.Harness;

    public RunResult Run()
    {
        string? violation = null;
        try
        {
            Task<bool> story = Harness.RunAsync(async () =>
            {
                await TellAsync();
                return true;
            });
            _cluster.Scheduler.RunUntil(story, StepLimit);
            story.GetAwaiter().GetResult();
        }
        catch (SimulationException exception)
        {
            violation = $"{exception.Kind}: {exception.Message}";
        }
        catch (Exception exception)
        {
            violation = $"exception: {exception}";
        }
        return new RunResult
        {
            Seed = _seed,
            Violation = violation,
            Step = _cluster.Scheduler.Step,
            Elapsed = _cluster.Scheduler.Elapsed,
            Trace = _cluster.Scheduler.Trace,
            Nodes = _cluster.Nodes.Count,
            Objects = _made,
            Forgotten = _forgotten.Count,
            Reads = _reads,
            Refused = _refused,
            HealthAfter = _healthAfter,
            Faults = _injector.Counts,
            LastLines = _cluster.Log.Last,
        };
    }

    private async Task TellAsync()
    {
        foreach (SimNode node in _cluster.Nodes.ToArray())
            await node.StartAsync();
        await UntilAsync(FormBound, "forming", Disagreement);
        _injector.Schedule(Plan);
        _ = WorkAsync(PutAsync, 500, 8000);
        _ = WorkAsync(ReadAsync, 500, 5000);
        _ = WorkAsync(ForgetAsync, 5000, 20_000);
        _ = WorkAsync(SurveyAsync, (int)SurveyPeriod.TotalMilliseconds, (int)SurveyPeriod.TotalMilliseconds);
        await PauseAsync(_cluster.Settings.FaultTime);

        _faultsOver = true;
        _injector.End();
        long ended = _cluster.Scheduler.Now;
        _cluster.Log.Write("faults", "are over");
        await UntilAsync(OperationLimit * 3, "work under way", () => _underWay == 0 ? null : $"{_underWay} operations under way");
        if (_mode.HasFlag(RunMode.Liveness))
        {
            await UntilAsync(HealthBound, "liveness", Unhealthy, scrub: true);
            _healthAfter = TimeSpan.FromTicks(_cluster.Scheduler.Now - ended);
            if (MayCollect)
                await UntilAsync(HealthBound, "garbage", Uncollected);
            await PutLastAsync();
            await UntilAsync(HealthBound, "liveness", Unhealthy, scrub: true); // what a put leaves out is added by repair
        }
        else
        {
            await UntilAsync(HealthBound, "liveness", Disagreement);
        }
        foreach (SimObject item in _objects)
            await ReadBackAsync(item);
        Check();
    }

    private static string Leases(SimNode node, StripeDescriptor stripe) => string.Join(", ", node.Server!.Leases.Table.LeasesOf(stripe.Id)
        .Select(static told => $"owner {told.Statement.Owner.ToShortString()}, object {told.Statement.Object}, {told.Statement.Sequence}, ends {told.Statement.ExpiresUnixS}"));

    private async Task WorkAsync(Func<Task> work, int pauseMsMin, int pauseMsMax)
    {
        while (!_faultsOver && _violation is null)
        {
            await Harness.DelayAsync(TimeSpan.FromMilliseconds(_random.Between(pauseMsMin, pauseMsMax)));
            if (_faultsOver)
                return;
            _underWay++;
            try
            {
                await work();
            }
            catch (SimulationException exception)
            {
                Violated(exception);
            }
            catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException or ProcessDiedException)
            {
                _refused++;
                _cluster.Log.Write("client", $"failed: {exception.Message}");
            }
            catch (Exception exception)
            {
                Violated(new SimulationException("exception", exception.ToString()));
            }
            finally
            {
                _underWay--;
            }
        }
    }

    // An owner who puts and forgets the same at the same time does not know itself which it was.
    private Task PutAsync() => _objects.Count < ObjectsMax && !_forgetting ? PutOneAsync() : Task.CompletedTask;

    private async Task ForgetAsync()
    {
        if (_objects.Count < ObjectsMin || _budget.Putting > 0)
            return;
        _forgetting = true;
        try
        {
            SimObject item = _random.Pick(_objects);
            bool IsSame(SimObject other) => other.Capability.Root.Id == item.Capability.Root.Id;
            _halfForgotten.Add(item);
            _objects.RemoveAll(IsSame); // from the moment at which any node may hear it
            using var limit = new CancellationTokenSource(OperationLimit, Time);
            MegatorrentClient client = await ClientAsync(limit.Token);
            LeaseResult result = await client.ForgetAsync(item.Capability, null, limit.Token);
            _cluster.Log.Write("client", $"object {item.Number} forgotten, {result.Confirmed} of {result.Stripes} stripes confirmed");
            if (result.Confirmed == result.Stripes && _halfForgotten.Remove(item))
                _forgotten.Add(item);
        }
        finally
        {
            _forgetting = false;
        }
    }

    // The collection waits for a member that is gone until it is forgotten, and stands still where clocks disagree.
    private bool MayCollect => _cluster.Settings.AreClocksRight && Plan.All(static fault => fault.Kind != FaultKind.ClockJump)
        && _cluster.Nodes.All(static node => !node.IsRemoved);

    // A forgotten object whose stripes some node still has; those that an object which is kept has, too, may stay.
    private string? Uncollected()
    {
        HashSet<Core.Hashing.BlobId> kept = [.. _objects.Concat(_halfForgotten).SelectMany(static item => item.Stripes ?? []).Select(static stripe => stripe.Id)];
        foreach (SimObject item in _forgotten)
        {
            foreach (StripeDescriptor stripe in item.Stripes ?? [])
            {
                if (!kept.Contains(stripe.Id) && _cluster.Standing.FirstOrDefault(node => node.Server?.Store.ContainsDescriptor(stripe.Id) == true) is { } holder)
                    return $"{holder.Name} still holds stripe {stripe.Id} of object {item.Number}, which was forgotten: {Leases(holder, stripe)}";
            }
        }
        return null;
    }

    // A healthy cluster takes what it is given; and so no seed holds only because nothing was ever acknowledged.
    private async Task PutLastAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await PutOneAsync();
                return;
            }
            catch (Exception exception) when (attempt < AttemptsMax && exception is MegatorrentException or OperationCanceledException)
            {
                await PauseAsync(TimeSpan.FromSeconds(3));
            }
            catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
            {
                throw new SimulationException("liveness", $"A healthy cluster takes no object: {exception.Message}");
            }
        }
    }

    private async Task PutOneAsync()
    {
        byte[] content = Content();
        _forgotten.RemoveAll(item => item.Content == content); // kept again, even where this put fails
        var options = new PutOptions { Scheme = _cluster.Settings.Scheme, Compression = CompressionKind.None, Deduplicate = _random.Chance(0.5) };
        using var limit = new CancellationTokenSource(OperationLimit, Time);
        _budget.Putting++;
        try
        {
            MegatorrentClient client = await ClientAsync(limit.Token);
            using var source = new MemoryStream(content);
            PutResult result = await client.PutAsync(source, "object", options, null, limit.Token);
            var item = new SimObject(_made++, result.Capability, content);
            _objects.Add(item);
            _budget.Unconfirmed++;
            if (result.MissingBlobs > result.IncompleteStripes * (options.Scheme.ParityShards / 2))
            {
                throw new SimulationException(
                    "acknowledged", $"Object {item.Number} was acknowledged with {result.MissingBlobs} blobs missing in {result.IncompleteStripes} stripes.");
            }
            _cluster.Log.Write("client", $"object {item.Number} of {content.Length} bytes acknowledged, {result.MissingBlobs} blobs missing");
            await _survey.ResolveAsync(item);
        }
        finally
        {
            _budget.Putting--;
        }
    }

    private byte[] Content()
    {
        if (_contents.Count > 0 && _random.Chance(0.3))
            return _random.Pick(_contents); // what was put before, and may be on its way to be collected

        // Most have more than one chunk, so that there is something to rebuild; some are replicated whole.
        int length = _random.Chance(0.3) ? _random.Between(1, 20_000) : _random.Between(66_000, 65_536 * _cluster.Settings.Scheme.DataShards);
        var content = new byte[length];
        _random.Fill(content);
        _contents.Add(content);
        return content;
    }

    private async Task ReadAsync()
    {
        if (_objects.Count == 0)
            return;
        SimObject item = _random.Pick(_objects);
        using var limit = new CancellationTokenSource(OperationLimit, Time);
        await ReadOnceAsync(item, limit.Token);
    }

    private async Task ReadOnceAsync(SimObject item, CancellationToken cancellationToken)
    {
        MegatorrentClient client = await ClientAsync(cancellationToken);
        using var destination = new MemoryStream(item.Content.Length);
        await client.CatAsync(item.Capability, destination, cancellationToken: cancellationToken);
        if (!destination.ToArray().AsSpan().SequenceEqual(item.Content))
            throw new SimulationException("safety", $"Object {item.Number} reads back with other bytes than were put.");
        _reads++;
    }

    // Everything is up and nothing is wrong any more: there is no excuse.
    private async Task ReadBackAsync(SimObject item)
    {
        for (int attempt = 1; ; attempt++)
        {
            Check();
            try
            {
                using var limit = new CancellationTokenSource(OperationLimit, Time);
                if (_mode.HasFlag(RunMode.Liveness))
                    await VerifyAsync(item, limit.Token);
                await ReadOnceAsync(item, limit.Token);
                return;
            }
            catch (Exception exception) when (attempt < AttemptsMax
                && exception is MegatorrentException or OperationCanceledException or SimulationException { Kind: "health" })
            {
                await PauseAsync(TimeSpan.FromSeconds(3));
            }
            catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
            {
                await _survey.ResolveAsync(item);
                throw new SimulationException(
                    "safety", $"Object {item.Number}, acknowledged, cannot be read: {exception.Message} Found: {_survey.Lacking(item, false) ?? "all"}");
            }
        }
    }

    private async Task VerifyAsync(SimObject item, CancellationToken cancellationToken)
    {
        VerifyReport report = await _client!.VerifyAsync(item.Capability, null, cancellationToken);
        if (report.BadBlobs.Count > 0)
            throw new SimulationException("scrub", $"Object {item.Number}: after every harmed node was scrubbed, a blob is bad: {report.BadBlobs[0]}");
        if (!report.Healthy)
        {
            throw new SimulationException("health", string.Create(
                CultureInfo.InvariantCulture,
                $"Object {item.Number} does not verify after full health: {report.GoodBlobs} of {report.Blobs} blobs good, {report.BadBlobs.Count} bad."));
        }
    }

    private async Task<MegatorrentClient> ClientAsync(CancellationToken cancellationToken) =>
        _client ??= await _cluster.ConnectAsync(cancellationToken);

    // Looks whether everything acknowledged is at full strength; then the budget is whole again.
    private async Task SurveyAsync()
    {
        int version = _budget.Version;
        SimNode[] scrubbed = await ScrubAsync();
        foreach (SimObject item in _objects.ToArray())
            await _survey.ResolveAsync(item);
        if (version != _budget.Version)
            return;
        foreach (SimNode node in scrubbed)
            node.IsDirty = false;
        if (_cluster.Standing.Any(static node => node.IsDirty && node.IsRunning))
            return;
        if (!_objects.TrueForAll(item => _survey.Lacking(item, withDescriptors: false) is null))
            return;
        _budget.Unconfirmed = 0;
        _budget.Confirm(_cluster.Standing.Where(static node => node.IsDirty).Select(static node => node.Domain));
    }

    // Only nodes whose disk was harmed: their index may say what is not so.
    private async Task<SimNode[]> ScrubAsync()
    {
        var scrubbed = new List<SimNode>();
        foreach (SimNode node in _cluster.Standing.Where(static node => node.IsDirty && node.IsRunning).ToArray())
        {
            try
            {
                await node.RunAsync(async server => await server.ScrubAsync(0, CancellationToken.None));
                scrubbed.Add(node);
            }
            catch (Exception exception) when (exception is ProcessDiedException or MegatorrentException or ObjectDisposedException)
            {
                // It stays dirty.
            }
        }
        return [.. scrubbed];
    }

    // What keeps the cluster from being healthy; null when nothing does.
    private string? Unhealthy()
    {
        if (Disagreement() is { } disagreement)
            return disagreement;
        SimNode[] standing = [.. _cluster.Standing];
        if (Array.Find(standing, static node => node.IsDirty) is { } dirty)
            return $"{dirty.Name} was not scrubbed";
        if (Array.Find(standing, node => !IsSettled(node.Server!.Repair.Status, standing.Length)) is { } unsettled)
            return $"the repair of {unsettled.Name} has not settled: {unsettled.Server!.Repair.Status}";
        return _objects.Select(item => _survey.Lacking(item, withDescriptors: true)).FirstOrDefault(static lack => lack is not null);
    }

    // What a put left behind that failed cannot be restored and is nobody's loss; of what was acknowledged the survey knows.
    private static bool IsSettled(RepairStatus status, int members) => status.CycleMembers == members
        && (status.Settled || status is { StripesUnrecoverable: > 0, StripesEndangered: 0, StripesWaiting: 0, Running: false });

    // Every node runs and sees all others alive, and nobody else.
    private string? Disagreement()
    {
        SimNode[] standing = [.. _cluster.Standing];
        HashSet<Core.Wire.NodeId> ids = [.. standing.Select(static node => node.Id)];
        foreach (SimNode node in standing)
        {
            if (node.Server is not { } server)
                return $"{node.Name} is not running";
            IReadOnlyList<Member> living = server.Membership.View.Living;
            if (living.Count != standing.Length || living.Any(member => member.State != MemberState.Alive || !ids.Contains(member.Id)))
                return $"{node.Name} sees {string.Join(", ", server.Membership.View.Members.Select(static member => member.ToString()))}";
        }
        return null;
    }

    private async Task UntilAsync(TimeSpan bound, string kind, Func<string?> wrong, bool scrub = false)
    {
        long end = _cluster.Scheduler.Now + bound.Ticks;
        while (true)
        {
            Check();
            if (scrub)
            {
                foreach (SimNode node in await ScrubAsync())
                    node.IsDirty = false;
                foreach (SimObject item in _objects)
                    await _survey.ResolveAsync(item);
            }
            if (wrong() is not { } what)
                return;
            if (_cluster.Scheduler.Now >= end)
                throw new SimulationException(kind, $"Not within {bound.TotalSeconds:0} s: {what}");
            await PauseAsync(LookPeriod);
        }
    }

    private async Task PauseAsync(TimeSpan span)
    {
        long end = _cluster.Scheduler.Now + span.Ticks;
        while (_cluster.Scheduler.Now < end)
        {
            Check();
            await Harness.DelayAsync(TimeSpan.FromTicks(Math.Min(LookPeriod.Ticks, end - _cluster.Scheduler.Now)));
        }
    }

    private void Violated(SimulationException violation) => _violation ??= violation;

    private void Check()
    {
        if (_violation is { } violation)
            throw new SimulationException(violation.Kind, violation.Message);
    }
}
