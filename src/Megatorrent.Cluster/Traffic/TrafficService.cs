using Megatorrent.Cluster.Services;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Traffic;

/// <summary>Ends the intervals of the monitor, writes what it finds to the log and shows it. Thread-safe.</summary>
internal sealed class TrafficService : INodeService
{
    /// <summary>The call that shows who is flagged, and why.</summary>
    public const string CallName = "traffic";

    private const int FormatVersion = 1;
    private const int Unit = 1000;

    private readonly NodeParts _parts;
    private readonly TrafficMonitor _monitor;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private long _flagged;

    /// <summary>Creates it; nothing runs yet.</summary>
    public TrafficService(NodeParts parts, TrafficMonitor monitor)
    {
        _parts = parts;
        _monitor = monitor;
        Calls = [new NodeCall(CallName, Role.Reader, (_, _, _) => ValueTask.FromResult(Encode(_monitor.Current)))];
        monitor.Flagged += suspicion =>
        {
            Interlocked.Increment(ref _flagged);
            parts.Log.Warn($"peer {suspicion.Peer.ToShortString()} is slowed: {suspicion.Reason}");
        };
        monitor.Released += id => parts.Log.Info($"peer {id.ToShortString()} is slowed no more: nothing odd for a while");
    }

    /// <inheritdoc/>
    public string Name => "traffic";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers => new Dictionary<string, long>
    {
        ["flagged"] = _monitor.Current.Count,
        ["flagged-total"] = Interlocked.Read(ref _flagged),
        ["join-sources-slowed"] = _monitor.Joins.Slowed,
        ["joins-refused"] = _monitor.Joins.Refused,
        ["peers"] = _monitor.PeerCount,
        ["throttled"] = _monitor.Throttled,
    };

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Start() => _loop = RunAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_parts.Options.Traffic.IntervalMs), _parts.Time, stop);
                _monitor.Close();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private static byte[] Encode(IReadOnlyList<Suspicion> suspicions) => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.BeginList();
        foreach (Suspicion suspicion in suspicions)
        {
            writer.BeginDictionary();
            writer.WriteKey("expected");
            writer.WriteInteger((long)(suspicion.Expected * Unit));
            writer.WriteKey("feature");
            writer.WriteText(Suspicion.NameOf(suspicion.Feature));
            writer.WriteKey("id");
            writer.WriteText(suspicion.Peer.ToString());
            writer.WriteKey("score");
            writer.WriteInteger((long)(suspicion.Score * Unit));
            writer.WriteKey("since");
            writer.WriteInteger(suspicion.Since.ToUnixTimeMilliseconds());
            writer.WriteKey("until");
            writer.WriteInteger(suspicion.Until.ToUnixTimeMilliseconds());
            writer.WriteKey("value");
            writer.WriteInteger((long)(suspicion.Value * Unit));
            writer.End();
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.End();
    });
}
