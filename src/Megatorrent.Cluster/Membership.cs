using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Gossip;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster;

/// <summary>
/// Who is in the cluster and who lives, by SWIM over the node's connections (docs/spec/cluster.md, "Membership"). Drives the state machine
/// in <see cref="SwimMachine"/>: gives it the time and the answers, carries out what it asks for. Thread-safe.
/// </summary>
public sealed partial class Membership : IAsyncDisposable
{
    private readonly MembershipParts _parts;
    private readonly SwimMachine _machine;
    private readonly AsyncSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();        // the machine and the fields below
    private readonly Lock _publishGate = new(); // keeps events in order; taken before _gate
    private readonly List<Task> _tasks = [];
    private ClusterView _published = ClusterView.Empty;
    private long _writtenVersion = -1;
    private bool _writing;
    private bool _inTouch;
    private SignedLayout? _layout;
    private long _layoutChanges;
    private (ClusterView? Of, SignedLayout? Layout, ClusterView Result) _shown;

    private Membership(MembershipParts parts, SwimMachine machine)
    {
        _parts = parts;
        _machine = machine;
        _wake = new AsyncSignal(parts.Time);
    }

    /// <summary>
    /// Raised when the view changed, with the new one; in order, one at a time. Handlers must be quick and must not throw.
    /// </summary>
    public event Action<ClusterView>? Changed;

    /// <summary>The members now, this node included.</summary>
    public ClusterView View
    {
        get
        {
            lock (_gate)
                return Show();
        }
    }

    /// <summary>What this node is to do by the layout.</summary>
    public NodeMode Mode => ModeOf(_parts.Self);

    /// <summary>The other half of the gossip, where layouts travel with it.</summary>
    internal ILayoutGossip? LayoutGossip { get; set; }

    /// <summary>This node's own record now.</summary>
    internal NodeRecord SelfRecord
    {
        get
        {
            lock (_gate)
                return _machine.Self;
        }
    }

    /// <summary>What the layout has a node do.</summary>
    internal NodeMode ModeOf(NodeId id)
    {
        lock (_gate)
            return _layout?.Layout.Find(id)?.Mode ?? NodeMode.Active;
    }

    /// <summary>Where a node listens that SWIM knows, whatever the layout says about it; null when it is unknown.</summary>
    internal string? EndpointOf(NodeId id)
    {
        lock (_gate)
            return _machine.EndpointOf(id);
    }

    /// <summary>Shows the members under a layout from now on; validated by the caller.</summary>
    internal void UseLayout(SignedLayout layout)
    {
        lock (_gate)
        {
            _layout = layout;
            _layoutChanges++;
        }
        Publish();
    }

    /// <summary>Takes in a node that was found elsewhere than in gossip. One that is known already is left as it is.</summary>
    internal void Introduce(NodeRecord record)
    {
        lock (_gate)
        {
            if (_machine.EndpointOf(record.Id) is null && record.Id != _parts.Self)
                _machine.Merge(new GossipEntry(record, MemberState.Alive, 0), _parts.Time.GetUtcNow());
        }
        Publish();
        _wake.Set();
    }

    /// <summary>Whether this node has exchanged tables with any other since it started.</summary>
    public bool IsInTouch
    {
        get
        {
            lock (_gate)
                return _inTouch;
        }
    }

    /// <summary>Restores what was remembered and prepares the machine; <see cref="Start"/> starts it.</summary>
    /// <exception cref="MegatorrentException">
    /// InputOutput: the member file cannot be read. InvalidArgument: a field of the node's record.
    /// </exception>
    internal static async ValueTask<Membership> CreateAsync(MembershipParts parts, CancellationToken cancellationToken)
    {
        DateTimeOffset now = parts.Time.GetUtcNow();
        var machine = new SwimMachine(
            parts.Options,
            parts.Sign(1),
            parts.Sign,
            (record, time) => RecordRules.Refusal(record, parts.ClusterKey, time),
            parts.Random,
            now);
        byte[]? remembered = await parts.Store.ReadAsync(cancellationToken);
        if (remembered is not null)
        {
            try
            {
                MemberFile file = MemberFile.Decode(remembered);
                machine.Restore(file.Table, file.Written, now);
            }
            catch (MegatorrentException exception)
            {
                parts.Log.Error($"the remembered members cannot be used: {exception.Message}"); // the cluster tells them again
            }
        }
        return new Membership(parts, machine);
    }

    /// <summary>Starts pinging, and joining through the entry points.</summary>
    internal void Start()
    {
        Publish();
        Track(RunAsync());
        if (_parts.JoinEndpoints.Count > 0)
            Track(JoinAsync());
    }

    /// <summary>Signs this node's record again, under a higher incarnation: something in it has changed. It travels with the next gossip.</summary>
    internal void Announce()
    {
        lock (_gate)
            _machine.Announce(_parts.Time.GetUtcNow());
        Publish();
        _wake.Set();
    }

    /// <summary>Answers another node's gossip with this node's own.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    internal byte[] AnswerGossip(PeerIdentity peer, ReadOnlySpan<byte> body)
    {
        GossipMessage told = GossipMessage.Decode(body);
        return Step(peer.Id, told);
    }

    /// <summary>Asks a member whether it lives, for another node.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    internal async ValueTask<byte[]> AnswerProbeAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        NodeId target = ProbeRequest.Decode(body.Span).Target;
        string? endpoint;
        lock (_gate)
            endpoint = _machine.EndpointOf(target);
        bool reached = false;
        if (endpoint is not null)
        {
            using var timeout = new Deadline(_parts.Options.PingTimeoutMs, _parts.Time, cancellationToken);
            reached = await ExchangeAsync(endpoint, target, timeout.Token) is null;
            cancellationToken.ThrowIfCancellationRequested();
        }
        lock (_gate)
            return new ProbeReply(reached, _machine.TellAbout(target, _parts.Time.GetUtcNow())).Encode();
    }

    /// <summary>Spends an invitation for a subject, unless another used it.</summary>
    /// <exception cref="MegatorrentException">Unauthorized: somebody else used it already.</exception>
    internal void Spend(SpentInvitation invitation)
    {
        lock (_gate)
        {
            if (!_machine.TrySpend(invitation, _parts.Time.GetUtcNow()))
                throw new MegatorrentException(
                    ErrorKind.Unauthorized, "This invitation was used already; ask an admin of the cluster for a new one.");
        }
        WriteSoon();
    }

    /// <summary>Whether this node has heard that the invitation was used.</summary>
    internal bool KnowsAsSpent(Invitation invitation)
    {
        lock (_gate)
            return _machine.KnowsAsSpent(SpentInvitation.NonceOf(invitation));
    }

    /// <summary>Stops, after the member file was written.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        while (true)
        {
            Task[] tasks;
            lock (_gate)
            {
                _tasks.RemoveAll(static done => done.IsCompleted);
                tasks = [.. _tasks];
            }
            if (tasks.Length == 0)
                break;
            await Task.WhenAll(tasks);
        }
        await WriteAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                var actions = new List<SwimAction>();
                TimeSpan pause;
                lock (_gate)
                {
                    DateTimeOffset now = _parts.Time.GetUtcNow();
                    _machine.Advance(now, actions);
                    pause = _machine.NextDeadline - now;
                }
                AfterStep(actions);
                WriteSoon();
                await _wake.WaitAsync(pause, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private void AfterStep(List<SwimAction> actions)
    {
        Publish();
        foreach (SwimAction action in actions)
            Track(action.Helper is { } helper ? ProbeAsync(action, helper) : PingAsync(action));
    }

    private async Task PingAsync(SwimAction action)
    {
        MegatorrentException? failure;
        if (action.Reconnect)
            _parts.Pool.Forget(action.Endpoint);
        using (var timeout = new Deadline(_parts.Options.PingTimeoutMs, _parts.Time, _stop.Token))
            failure = await ExchangeAsync(action.Endpoint, action.Target, timeout.Token);
        if (_stop.IsCancellationRequested)
            return;
        var actions = new List<SwimAction>();
        lock (_gate)
        {
            DateTimeOffset now = _parts.Time.GetUtcNow();
            if (failure is null)
                _machine.PingSucceeded(action.Round, now);
            else if (failure.Kind != ErrorKind.Timeout) // when time is up, the machine knows better: it may have slept itself
                _machine.PingFailed(action.Round, now, Reason(failure), actions);
        }
        AfterStep(actions);
        _wake.Set();
    }

    private async Task ProbeAsync(SwimAction action, NodeId helper)
    {
        ProbeReply reply = default;
        using (var timeout = new Deadline(_parts.Options.ProbeTimeoutMs, _parts.Time, _stop.Token))
        {
            try
            {
                PeerConnection connection = await _parts.Pool.GetAsync(action.Endpoint, helper, timeout.Token);
                reply = ProbeReply.Decode(await connection.ProbeAsync(new ProbeRequest(action.Target).Encode(), timeout.Token));
            }
            catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
            {
                // A helper that does not answer says nothing about the target.
            }
        }
        if (_stop.IsCancellationRequested)
            return;
        lock (_gate)
        {
            DateTimeOffset now = _parts.Time.GetUtcNow();
            if (reply.Known is { } known && known.Record.Id == action.Target)
                _machine.Merge(known, now);
            _machine.ProbeAnswered(action.Round, reply.Reached, now);
        }
        AfterStep([]);
        _wake.Set();
    }

    // One push-pull; null when it succeeded.
    private async ValueTask<MegatorrentException?> ExchangeAsync(string endpoint, NodeId? expected, CancellationToken cancellationToken)
    {
        try
        {
            PeerConnection connection = await _parts.Pool.GetAsync(endpoint, expected, cancellationToken);
            if (connection.Remote.Id == _parts.Self)
                return new MegatorrentException(ErrorKind.InvalidArgument, "that is this node itself");
            byte[] body;
            lock (_gate)
                body = Tell(_parts.Time.GetUtcNow());
            byte[] reply = await connection.GossipAsync(body, cancellationToken);
            Step(connection.Remote.Id, GossipMessage.Decode(reply));
            return null;
        }
        catch (MegatorrentException exception)
        {
            return exception;
        }
        catch (OperationCanceledException exception)
        {
            return new MegatorrentException(ErrorKind.Timeout, "no answer", exception);
        }
    }

    // Takes in what a peer told, and gives what this node tells.
    private byte[] Step(NodeId peer, GossipMessage told)
    {
        byte[] answer;
        lock (_gate)
        {
            DateTimeOffset now = _parts.Time.GetUtcNow();
            _machine.Merge(told, now);
            _machine.Heard(peer, now);
            _inTouch = true;
            answer = Tell(now);
        }
        Publish();
        if (told.Layout is { } head)
            LayoutGossip?.Heard(peer, head);
        return answer;
    }

    private byte[] Tell(DateTimeOffset now)
    {
        GossipMessage message = _machine.Tell(now);
        message.Layout = LayoutGossip?.Head;
        return message.Encode();
    }

    // The machine's view under the layout; the same object until one of them changes.
    private ClusterView Show()
    {
        ClusterView view = _machine.View;
        if (!ReferenceEquals(view, _shown.Of) || !ReferenceEquals(_layout, _shown.Layout))
            _shown = (view, _layout, _layout is null ? view : view.Under(_layout, view.Version + _layoutChanges));
        return _shown.Result;
    }

    private void Publish()
    {
        lock (_publishGate)
        {
            List<SwimEvent> events;
            ClusterView view;
            lock (_gate)
            {
                events = _machine.TakeEvents();
                view = Show();
            }
            foreach (SwimEvent happened in events)
                _parts.Log.Write(happened.Level, happened.Text);
            if (ReferenceEquals(view, _published))
                return;
            _published = view;
            Changed?.Invoke(view);
        }
    }

    private void Track(Task task)
    {
        if (task.IsCompletedSuccessfully)
            return;
        lock (_gate)
        {
            _tasks.RemoveAll(static done => done.IsCompletedSuccessfully);
            _tasks.Add(task);
        }
    }

    private void WriteSoon()
    {
        if (!_stop.IsCancellationRequested)
            Track(WriteAsync(_stop.Token));
    }

    // One write at a time; what changes meanwhile is written at the next step.
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        byte[] document;
        long version;
        lock (_gate)
        {
            version = _machine.Version;
            if (_writing || version == _writtenVersion)
                return;
            _writing = true;
            DateTimeOffset now = _parts.Time.GetUtcNow();
            document = new MemberFile(_machine.Remembered(now), now).Encode();
        }
        bool written = false;
        try
        {
            await _parts.Store.WriteAsync(document, cancellationToken);
            written = true;
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the members could not be remembered: {exception.Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The last write is the disposer's.
        }
        lock (_gate)
        {
            _writing = false;
            if (written || !cancellationToken.IsCancellationRequested)
                _writtenVersion = version; // a full disk is tried again at the next change
        }
    }

    private static string Reason(MegatorrentException failure) =>
        failure.Message.Length <= 200 ? failure.Message.TrimEnd('.') : failure.Message[..200];
}
