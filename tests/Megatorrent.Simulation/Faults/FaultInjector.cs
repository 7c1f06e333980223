using Megatorrent.Core.Hashing;
using Megatorrent.Network;
using Megatorrent.Simulation.Clusters;
using Megatorrent.Simulation.Engine;
using Megatorrent.Simulation.Networks;

namespace Megatorrent.Simulation.Faults;

/// <summary>Makes the faults of a plan happen, within the budget, and ends them.</summary>
internal sealed class FaultInjector(SimCluster cluster, DamageBudget budget, Action<SimulationException> violated)
{
    private const int MachinesMax = 12;
    private const int MassPauseMs = 3000;

    // Longer than a failure detector takes: that a disk was lost shall be seen by the absence, as no node asks the others yet.
    private static readonly TimeSpan LossPauseMin = TimeSpan.FromSeconds(15);

    private readonly Dictionary<FaultKind, int> _counts = [];
    private bool _ended;

    /// <summary>How often each kind has happened.</summary>
    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    private SimNode[] Standing => [.. cluster.Standing];

    public void Schedule(IEnumerable<Fault> plan)
    {
        foreach (Fault fault in plan)
        {
            cluster.Scheduler.After(fault.At, cluster.Harness, () =>
            {
                if (!_ended && Apply(fault))
                {
                    _counts[fault.Kind] = _counts.GetValueOrDefault(fault.Kind) + 1;
                    cluster.Log.Write("fault", fault.ToString());
                }
            });
        }
    }

    /// <summary>Nothing more goes wrong, what is wrong ends, and whatever still stands is started.</summary>
    public void End()
    {
        _ended = true;
        cluster.Network.Heal();
        foreach (SimNode node in Standing)
        {
            node.Disk.Heal();
            if (node.Context is { } context)
                context.StalledUntil = 0;
            if (node.Lies != Lies.None)
                Reform(node);
            else
                _ = StartAsync(node);
        }
    }

    private bool Apply(Fault fault)
    {
        SimNode[] standing = Standing;
        SimNode node = standing[fault.First % standing.Length];
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                return Down([node], false, fault.For);
            case FaultKind.PowerLoss:
                return Down([node], true, fault.For);
            case FaultKind.CrashAtWrite:
                node.Disk.CrashAt = (fault.Second % 40, () => Down([node], true, fault.For));
                return node.IsRunning;
            case FaultKind.MassPowerLoss:
                return Down(standing, true, TimeSpan.FromMilliseconds(1 + (fault.Second % MassPauseMs)));
            case FaultKind.RollingRestart:
                Roll(standing);
                return true;
            case FaultKind.SiteOutage:
                return Down([.. standing.Where(other => other.Domain == node.Domain)], true, fault.For);
            case FaultKind.SiteLoss:
                return Lose([.. standing.Where(other => other.Domain == node.Domain)], fault.For);
            case FaultKind.DiskLoss:
                return Lose([node], fault.For);
            case FaultKind.Replace:
                return Replace(node, fault.For);
            case FaultKind.Rot:
                return Rot(node, 1 + (fault.Second % 3));
            case FaultKind.LosePart:
                return LosePart(node, fault.For);
            case FaultKind.Partition or FaultKind.HalfPartition:
                return Divide(fault);
            case FaultKind.Liar:
                return Lie(node, fault);
            case FaultKind.Join:
                return Join(node.Domain);
            case FaultKind.Compact:
                return Compact(node, fault.Second);
            case FaultKind.Replay:
                return Replay(fault.Second);
            default:
                return Disturb(node, fault, standing[fault.Second % standing.Length]);
        }
    }

    private bool Disturb(SimNode node, Fault fault, SimNode other)
    {
        switch (fault.Kind)
        {
            case FaultKind.SlowLink:
                SimLink link = cluster.Network.Link(node.Number, other.Number);
                link.Slow = TimeSpan.FromMilliseconds(20 + (fault.Second % 1500));
                Later(fault.For, () => link.Slow = TimeSpan.Zero);
                return true;
            case FaultKind.Loss:
                SetLoss(0.01 + (fault.Second % 30 / 100.0));
                Later(fault.For, () => SetLoss(0));
                return true;
            case FaultKind.Reset:
                foreach (SimConnection connection in node.Host.Connections.ToArray())
                    connection.Abort();
                return true;
            case FaultKind.SlowDisk:
                node.Disk.Slow = TimeSpan.FromMilliseconds(1 + (fault.Second % 400));
                Later(fault.For, () => node.Disk.Slow = TimeSpan.Zero);
                return true;
            case FaultKind.FullDisk:
                node.Disk.IsFull = true;
                Later(fault.For, () => node.Disk.IsFull = false);
                return true;
            case FaultKind.DiskErrors:
                node.Disk.ErrorChance = 0.02 + (fault.Second % 50 / 100.0);
                Later(fault.For, () => node.Disk.ErrorChance = 0);
                return true;
            case FaultKind.ClockJump:
                if (node.Clock is not { } clock)
                    return false;
                clock.Offset += TimeSpan.FromSeconds((fault.Second % 7200) - 3600);
                return true;
            case FaultKind.Stall:
                if (node.Context is not { } context)
                    return false;
                context.StalledUntil = cluster.Scheduler.Now + Math.Min(fault.For.Ticks, TimeSpan.FromSeconds(20).Ticks);
                return true;
            default:
                throw new InvalidOperationException($"{fault.Kind} is not handled.");
        }
    }

    private void SetLoss(double loss)
    {
        foreach (SimHost from in cluster.Network.Machines)
        {
            foreach (SimHost to in cluster.Network.Machines)
                cluster.Network.Link(from.Number, to.Number).Loss = loss;
        }
    }

    private bool Down(SimNode[] nodes, bool power, TimeSpan span)
    {
        bool any = false;
        foreach (SimNode node in nodes)
        {
            if (node.Context is null)
                continue;
            any = true;
            node.Die(power);
            int generation = node.Generation;
            Later(span, () => StartIf(node, generation));
        }
        return any;
    }

    private void Roll(SimNode[] nodes)
    {
        TimeSpan at = TimeSpan.Zero;
        foreach (SimNode node in nodes)
        {
            Later(at, () => Down([node], false, TimeSpan.FromSeconds(1)));
            at += TimeSpan.FromSeconds(3);
        }
    }

    private bool Lose(SimNode[] nodes, TimeSpan span)
    {
        if (!budget.TryDamage(nodes[0].Domain))
            return false;
        foreach (SimNode node in nodes)
        {
            node.Die(power: true);
            node.Disk.Wipe();
            node.HasLost = true;
            node.IsDirty = false;
            int generation = node.Generation;
            Later(LossPauseMin + span, () => StartIf(node, generation));
        }
        return true;
    }

    private bool Replace(SimNode node, TimeSpan span)
    {
        if (cluster.Nodes.Count >= MachinesMax || !budget.TryDamage(node.Domain))
            return false;
        node.Die(power: true);
        node.IsRemoved = true;
        SimNode successor = cluster.AddMachine(node.Domain);
        Later(span, () => _ = StartAsync(successor));
        return true;
    }

    private bool Join(string domain)
    {
        if (cluster.Nodes.Count >= MachinesMax)
            return false;
        _ = StartAsync(cluster.AddMachine(domain));
        return true;
    }

    private bool Rot(SimNode node, int places)
    {
        if (!budget.TryDamage(node.Domain))
            return false;
        node.IsDirty = true;
        bool any = false;
        for (int i = 0; i < places; i++)
            any |= node.Disk.Rot();
        return any;
    }

    private bool LosePart(SimNode node, TimeSpan span)
    {
        if (!budget.TryDamage(node.Domain))
            return false;
        node.Die(power: true);
        node.HasLost = true;
        bool lost = node.Disk.LosePart();
        int generation = node.Generation;
        Later(LossPauseMin + span, () => StartIf(node, generation));
        return lost;
    }

    private bool Divide(Fault fault)
    {
        SimHost[] machines = [.. cluster.Network.Machines];
        var random = new SimRandom((ulong)fault.Second);
        HashSet<int> side = [.. machines.Where(_ => random.Chance(0.4)).Select(machine => machine.Number)];
        bool half = fault.Kind == FaultKind.HalfPartition;
        var cut = new List<SimLink>();
        foreach (SimHost from in machines)
        {
            foreach (SimHost to in machines)
            {
                if (side.Contains(from.Number) == side.Contains(to.Number) || (half && side.Contains(to.Number)))
                    continue;
                SimLink link = cluster.Network.Link(from.Number, to.Number);
                link.Blocks++;
                cut.Add(link);
            }
        }
        Later(fault.For, () => cut.ForEach(static link => link.Blocks--));
        return cut.Count > 0;
    }

    private bool Lie(SimNode node, Fault fault)
    {
        if (node.Lies != Lies.None || !node.IsRunning || !budget.TryLie(node.Domain))
            return false;
        node.Lies = (Lies)(1 + (fault.Second % 7));
        node.Die(power: false);
        int generation = node.Generation;
        Later(TimeSpan.FromSeconds(1), () => StartIf(node, generation));
        Later(fault.For, () =>
        {
            if (node.Lies != Lies.None)
                Reform(node);
        });
        return true;
    }

    // An honest program is installed in the place of the lying one. What it lacks stays lacking.
    private void Reform(SimNode node)
    {
        node.Lies = Lies.None;
        budget.Reform(node.Domain);
        node.Die(power: false);
        _ = StartAsync(node);
    }

    private bool Compact(SimNode node, int number)
    {
        if (node.Server is not { } server || node.IsDirty || node.Disk.IsDisturbed || !budget.TryDamage(node.Domain))
            return false;
        node.IsDirty = true; // until the next survey: its index is true, but what was deleted is not in the last list
        var random = new SimRandom((ulong)number);
        BlobId[] blobs = [.. server.Store.Blobs.Order()];
        HashSet<BlobId> doomed = [.. blobs.Where(_ => random.Chance(0.6))];
        _ = CompactAsync(node, blobs, doomed);
        return true;
    }

    private async Task CompactAsync(SimNode node, BlobId[] blobs, HashSet<BlobId> doomed)
    {
        int version = budget.Version;
        try
        {
            string? wrong = await node.RunAsync(async server =>
            {
                foreach (BlobId id in blobs.Where(doomed.Contains))
                    await server.Store.DeleteAsync(id);
                await server.Store.CompactAsync();
                BlobId[] gone = [.. blobs.Where(id => !doomed.Contains(id) && !server.Store.Contains(id))];
                return gone.Length > 0 ? $"blob {gone[0]} is gone" : node.Disk.IsDisturbed ? null : await SimNode.FirstUnreadableAsync(server);
            });
            // Rot that came meanwhile makes its own losses.
            if (wrong is not null && budget.Version == version)
                violated(new SimulationException("compaction", $"After a compaction of {node.Name}: {wrong}"));
        }
        catch (Exception exception) when (exception is ProcessDiedException or Core.MegatorrentException)
        {
            cluster.Log.Write(node.Name, $"compaction broke off: {exception.Message}");
        }
    }

    private bool Replay(int number)
    {
        IReadOnlyList<SimRecording> recordings = cluster.Network.Recordings;
        if (recordings.Count == 0)
            return false;
        _ = ReplayAsync(recordings[number % recordings.Count]);
        return true;
    }

    // A recorded session played again must get no further than the handshake: its second half proves knowledge of fresh keys.
    private async Task ReplayAsync(SimRecording recording)
    {
        const int handshakeMax = 4096;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), cluster.Time);
            ITransportConnection connection = await cluster.ClientTransport.ConnectAsync(recording.Endpoint, patience.Token);
            foreach (byte[] piece in recording.Pieces)
                await connection.WriteAsync(piece, patience.Token);
            var answer = new byte[handshakeMax];
            int total = 0;
            while (true)
            {
                int count = await connection.ReadAsync(answer, patience.Token);
                if (count == 0)
                    return;
                total += count;
                if (total > handshakeMax)
                    violated(new SimulationException("replay", $"{recording.Endpoint} answered a replayed session with {total} bytes."));
            }
        }
        catch (Exception exception) when (exception is Core.MegatorrentException or OperationCanceledException)
        {
            // Refused, as it should be.
        }
    }

    private void Later(TimeSpan span, Action action) => cluster.Scheduler.After(span, cluster.Harness, action);

    private void StartIf(SimNode node, int generation)
    {
        if (node.Generation == generation && node.Context is null)
            _ = StartAsync(node);
    }

    private async Task StartAsync(SimNode node)
    {
        try
        {
            await node.StartAsync();
        }
        catch (SimulationException exception)
        {
            violated(exception);
        }
        catch (Exception exception)
        {
            violated(new SimulationException("exception", $"{node.Name} did not start: {exception}"));
        }
    }
}
