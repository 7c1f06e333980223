using Megatorrent.Core;
using Megatorrent.Network;
using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Networks;

/// <summary>
/// The network of a simulation: reliable streams, as TCP gives, over ways that delay, lose (so that a stream stalls and goes on, or
/// breaks), are cut in one direction or both, and reorder connections among each other.
/// </summary>
internal sealed class SimNetwork(SimScheduler scheduler, SimRandom random, SimContext wire)
{
    private const int LatencyTicksMin = 1_000;  // 0.1 ms
    private const int LatencyTicksMax = 30_000; // 3 ms
    private const double TicksPerByte = 0.1;    // 100 MB/s
    private const int RetransmitMsMin = 200;    // the least retransmission timeout of common TCP stacks
    private const double BreakChance = 0.02;    // of a loss: the connection does not survive it
    private const int RecordedMax = 8;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, SimListener> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<(int From, int To), SimLink> _links = [];
    private readonly List<SimRecording> _recordings = [];

    public SimScheduler Scheduler { get; } = scheduler;

    /// <summary>The context of what belongs to no process: bytes under way.</summary>
    public SimContext Wire { get; } = wire;

    public IReadOnlyList<SimRecording> Recordings => _recordings;

    public IEnumerable<SimLink> Links => _links.Values;

    public ITransport TransportOf(SimHost host) => new SimTransport(this, host);

    public SimLink Link(int from, int to)
    {
        if (!_links.TryGetValue((from, to), out SimLink? link))
            _links.Add((from, to), link = new SimLink());
        return link;
    }

    public void Heal()
    {
        foreach (SimLink link in _links.Values)
            link.Heal();
    }

    /// <summary>The machine's process has died: its listeners are gone; its peers see that at once, or, without power, not at all.</summary>
    public void Die(SimHost host, bool power)
    {
        host.Context = null;
        host.HasPower = !power;
        foreach (string endpoint in _listeners.Where(pair => pair.Value.Host == host).Select(pair => pair.Key).ToArray())
            _listeners.Remove(endpoint);
        if (power)
            return;
        foreach (SimConnection connection in host.Connections.ToArray())
            connection.Abort();
        host.Connections.Clear();
    }

    /// <summary>The machine is back: what its peers still send on old connections is answered by a reset.</summary>
    public void Boot(SimHost host, SimContext context)
    {
        foreach (SimConnection connection in host.Connections.ToArray())
            connection.Abort();
        host.Connections.Clear();
        host.Context = context;
        host.HasPower = true;
    }

    public TimeSpan Latency(int from, int to, int bytes)
    {
        SimLink link = Link(from, to);
        long ticks = LatencyTicksMin + random.Below(LatencyTicksMax) + (long)(bytes * TicksPerByte);
        ticks += (long)(link.Slow.Ticks * (0.5 + random.Fraction()));
        for (int attempt = 0; attempt < 6 && link.Loss > 0 && random.Chance(link.Loss); attempt++)
            ticks += TimeSpan.FromMilliseconds(RetransmitMsMin << attempt).Ticks;
        return TimeSpan.FromTicks(ticks);
    }

    /// <summary>Whether a connection breaks over what is being sent.</summary>
    public bool Breaks(int from, int to) => Link(from, to).Loss is > 0 and var loss && random.Chance(loss * BreakChance);

    public bool IsBlocked(int from, int to) => Link(from, to).Blocks > 0;

    public ITransportListener Listen(SimHost host, string endpoint)
    {
        var listener = new SimListener(this, host, endpoint);
        if (!_listeners.TryAdd(endpoint, listener))
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"Cannot listen on {endpoint}: address already in use.");
        return listener;
    }

    public void Remove(SimListener listener)
    {
        if (_listeners.TryGetValue(listener.Endpoint, out SimListener? now) && now == listener)
            _listeners.Remove(listener.Endpoint);
    }

    /// <summary>Connects; hangs while the way is cut or the machine has no power, as a lost SYN does.</summary>
    public async ValueTask<ITransportConnection> ConnectAsync(SimHost from, string endpoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var connected = new TaskCompletionSource<ITransportConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        SimContext caller = from.Context ?? throw new ProcessDiedException();
        Try(TimeSpan.Zero);
        await using (cancellationToken.UnsafeRegister(_ => connected.TrySetCanceled(cancellationToken), null))
            return await connected.Task;

        void Try(TimeSpan wait)
        {
            int to = HostOf(endpoint);
            Scheduler.After(wait + Latency(from.Number, to, 0) + Latency(to, from.Number, 0), Wire, () => Arrive(to));
        }

        void Arrive(int to)
        {
            if (connected.Task.IsCompleted || !caller.IsAlive)
                return;
            if (IsBlocked(from.Number, to) || IsBlocked(to, from.Number) || !(Machine(to)?.HasPower ?? true))
            {
                Try(RetryPeriod);
                return;
            }
            if (!_listeners.TryGetValue(endpoint, out SimListener? listener))
            {
                connected.TrySetException(new MegatorrentException(
                    ErrorKind.Unreachable, $"Cannot connect to {endpoint}: connection refused; is a node running there?"));
                return;
            }
            connected.TrySetResult(Open(from, listener));
        }
    }

    /// <summary>The machines by number; filled by the cluster.</summary>
    public List<SimHost> Machines { get; } = [];

    private SimConnection Open(SimHost from, SimListener listener)
    {
        SimHost to = listener.Host;
        var recording = new SimRecording(listener.Endpoint);
        var outgoing = new SimPipe(this, from.Number, to.Number, recording);
        var incoming = new SimPipe(this, to.Number, from.Number, null);
        var connecting = new SimConnection(from, listener.Endpoint, incoming, outgoing);
        var accepting = new SimConnection(to, $"{from.Name}:1", outgoing, incoming);
        from.Connections.Add(connecting);
        to.Connections.Add(accepting);
        if (_recordings.Count == RecordedMax)
            _recordings.RemoveAt(random.Below(RecordedMax));
        _recordings.Add(recording);
        listener.Offer(accepting);
        return connecting;
    }

    private SimHost? Machine(int number) => number >= 0 && number < Machines.Count ? Machines[number] : null;

    private int HostOf(string endpoint)
    {
        string name = endpoint[..endpoint.IndexOf(':', StringComparison.Ordinal)];
        return Machines.FindIndex(machine => machine.Name == name);
    }
}
