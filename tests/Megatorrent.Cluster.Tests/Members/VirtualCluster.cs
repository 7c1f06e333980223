using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Members;

/// <summary>
/// Many membership state machines on one virtual clock, with messages that are encoded, delayed, lost and cut by partitions.
/// </summary>
internal sealed class VirtualCluster(ulong seed, MembershipOptions? options = null)
{
    private readonly SeededRandomSource _random = new(seed);
    private readonly PriorityQueue<Action, (long Ticks, long Sequence)> _queue = new();
    private long _sequence;

    public MembershipOptions Options { get; } = options ?? new MembershipOptions();

    public DateTimeOffset Now { get; private set; } = TestKeys.Start;

    public List<VirtualNode> Nodes { get; } = [];

    public double Loss { get; set; }

    /// <summary>Whether two nodes can talk.</summary>
    public Func<VirtualNode, VirtualNode, bool> Connected { get; set; } = static (_, _) => true;

    public VirtualNode Add(int number, GossipMessage? remembered = null, string? endpoint = null, DateTimeOffset? expires = null)
    {
        var node = new VirtualNode(this, number, new SeededRandomSource(seed * 1000 + (ulong)number), remembered, endpoint, expires);
        Nodes.Add(node);
        Schedule(TimeSpan.Zero, node.Wake);
        return node;
    }

    /// <summary>A cluster of nodes that know the first.</summary>
    public VirtualCluster Start(int count)
    {
        for (int i = 0; i < count; i++)
        {
            VirtualNode node = Add(i);
            if (i > 0)
                Schedule(TimeSpan.FromMilliseconds(50 * i), () => node.JoinThrough(Nodes[0]));
        }
        return this;
    }

    public void Run(double seconds) => RunUntil(static () => false, seconds);

    /// <summary>Runs until a condition holds, and returns the seconds it took; -1 when it did not in time.</summary>
    public double RunUntil(Func<bool> condition, double seconds)
    {
        DateTimeOffset start = Now;
        DateTimeOffset end = Now.AddSeconds(seconds);
        while (!condition())
        {
            if (!_queue.TryPeek(out _, out (long Ticks, long) next) || next.Ticks > end.UtcTicks)
            {
                Now = end;
                return condition() ? seconds : -1;
            }
            Now = new DateTimeOffset(next.Ticks, TimeSpan.Zero);
            _queue.Dequeue()();
        }
        return (Now - start).TotalSeconds;
    }

    public void Schedule(TimeSpan delay, Action action) =>
        _queue.Enqueue(action, ((Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).UtcTicks, _sequence++));

    /// <summary>Delivers after a random delay, or never.</summary>
    public void Send(VirtualNode from, VirtualNode to, Action deliver)
    {
        if (!Connected(from, to) || _random.NextDouble() < Loss)
            return;
        Schedule(TimeSpan.FromMilliseconds(1 + 20 * _random.NextDouble()), () =>
        {
            if (to.IsUp && Connected(from, to))
                deliver();
        });
    }

    public VirtualNode? At(string endpoint) => Nodes.LastOrDefault(node => node.IsUp && node.Endpoint == endpoint);

    public bool AllSee(MemberState state, VirtualNode subject) =>
        Nodes.Where(node => node.IsUp && node != subject).All(node => node.StateOf(subject.Id) == state);

    public bool AllAlive(int count) => Nodes.Where(node => node.IsUp).All(node =>
        node.Machine.View.Members.Count(member => member.State == MemberState.Alive) == count);
}
