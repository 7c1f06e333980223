using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Members;

/// <summary>One state machine, driven as the product drives it: exchanges are gossip both ways.</summary>
internal sealed class VirtualNode
{
    private readonly VirtualCluster _cluster;
    private readonly Identity _identity;
    private readonly Certificate _certificate;
    private DateTimeOffset _wakeAt = DateTimeOffset.MaxValue;

    public VirtualNode(
        VirtualCluster cluster, int number, IRandomSource random, GossipMessage? remembered, string? endpoint, DateTimeOffset? expires)
    {
        _cluster = cluster;
        _identity = TestKeys.Identity(number);
        _certificate = TestKeys.Certificate(_identity, expires: expires);
        Endpoint = endpoint ?? $"10.0.0.{number + 1}:4000";
        Machine = new SwimMachine(
            cluster.Options, Sign(1), Sign, static (record, time) => RecordRules.Refusal(record, TestKeys.ClusterKey, time), random,
            cluster.Now);
        if (remembered is not null)
            Machine.Restore(remembered, cluster.Now, cluster.Now);
    }

    public SwimMachine Machine { get; }

    public string Endpoint { get; }

    public NodeId Id => _identity.Id;

    public bool IsUp { get; set; } = true;

    /// <summary>While true, nothing moves inside: a process that is stopped, not dead.</summary>
    public bool IsStalled { get; set; }

    public List<string> Log { get; } = [];

    public MemberState? StateOf(NodeId id) => Machine.View.Find(id)?.State;

    public NodeRecord Sign(long incarnation) =>
        NodeRecord.Create(_identity, _certificate, Endpoint, $"domain-{Endpoint}", 1, incarnation, "0.1.0");

    public void JoinThrough(VirtualNode entry) => Exchange(entry.Endpoint, static () => { }, static _ => { });

    public void Wake()
    {
        if (!IsUp)
            return;
        if (IsStalled)
        {
            _cluster.Schedule(TimeSpan.FromMilliseconds(100), Wake);
            return;
        }
        var actions = new List<SwimAction>();
        Machine.Advance(_cluster.Now, actions);
        After(actions);
        ScheduleWake();
    }

    private void After(List<SwimAction> actions)
    {
        foreach (SwimEvent happened in Machine.TakeEvents())
            Log.Add($"{(_cluster.Now - TestKeys.Start).TotalSeconds:0.000} {happened.Text}");
        foreach (SwimAction action in actions)
        {
            if (action.Helper is null)
                Ping(action);
            else
                Probe(action);
        }
        ScheduleWake();
    }

    private void ScheduleWake()
    {
        DateTimeOffset next = Machine.NextDeadline;
        if (_wakeAt > _cluster.Now && _wakeAt <= next)
            return;
        _wakeAt = next;
        _cluster.Schedule(next - _cluster.Now, () =>
        {
            if (_wakeAt == next)
                Wake();
        });
    }

    private void Ping(SwimAction action) => Exchange(
        action.Endpoint,
        () => Machine.PingSucceeded(action.Round, _cluster.Now),
        reason =>
        {
            var actions = new List<SwimAction>();
            Machine.PingFailed(action.Round, _cluster.Now, reason, actions);
            After(actions);
        });

    private void Probe(SwimAction action)
    {
        VirtualNode? helper = _cluster.At(action.Endpoint);
        if (helper is null)
        {
            Machine.ProbeAnswered(action.Round, false, _cluster.Now);
            return;
        }
        byte[] request = new ProbeRequest(action.Target).Encode();
        _cluster.Send(this, helper, () =>
        {
            NodeId target = ProbeRequest.Decode(request).Target;
            helper.Exchange(helper.Machine.EndpointOf(target) ?? "", () => Answer(true), _ => Answer(false));

            void Answer(bool reached)
            {
                byte[] reply = new ProbeReply(reached, helper.Machine.TellAbout(target, _cluster.Now)).Encode();
                _cluster.Send(helper, this, () =>
                {
                    ProbeReply answer = ProbeReply.Decode(reply);
                    if (answer.Known is { } known)
                        Machine.Merge(known, _cluster.Now);
                    Machine.ProbeAnswered(action.Round, answer.Reached, _cluster.Now);
                    After([]);
                });
            }
        });
    }

    // A refused connection is known at once; a lost message only by the machine's own deadline.
    private void Exchange(string endpoint, Action succeeded, Action<string> failed)
    {
        VirtualNode? target = _cluster.At(endpoint);
        if (target is null)
        {
            _cluster.Schedule(TimeSpan.FromMilliseconds(1), () =>
            {
                if (IsUp)
                    failed("connection refused");
            });
            return;
        }
        byte[] body = Machine.Tell(_cluster.Now).Encode();
        _cluster.Send(this, target, () =>
        {
            if (target.IsStalled)
                return;
            target.Machine.Merge(GossipMessage.Decode(body), _cluster.Now);
            target.Machine.Heard(Id, _cluster.Now);
            byte[] reply = target.Machine.Tell(_cluster.Now).Encode();
            target.After([]);
            _cluster.Send(target, this, () =>
            {
                if (IsStalled)
                    return;
                Machine.Merge(GossipMessage.Decode(reply), _cluster.Now);
                Machine.Heard(target.Id, _cluster.Now);
                succeeded();
                After([]);
            });
        });
    }
}
