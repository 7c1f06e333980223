using Megatorrent.Core;

namespace Megatorrent.Cluster;

/// <summary>How a node finds the others.</summary>
public sealed partial class Membership
{
    // Goes on after the first entry point has answered, until each has or a member is known that listens there: nodes that start at the same
    // moment may find each other in two groups, neither of which knows of the other.
    private async Task JoinAsync()
    {
        CancellationToken stop = _stop.Token;
        List<string> left = [.. _parts.JoinEndpoints];
        TimeSpan first = TimeSpan.FromMilliseconds(_parts.Options.PeriodMs), pause = first;
        var longest = TimeSpan.FromMilliseconds(_parts.Options.JoinBackOffMaxMs);
        try
        {
            while (true)
            {
                if (IsInTouch)
                    LeaveKnown(left);
                foreach (string endpoint in left.ToArray())
                {
                    bool alone = !IsInTouch;
                    using var timeout = new Deadline(_parts.Options.PingTimeoutMs + _parts.Options.ProbeTimeoutMs, _parts.Time, stop);
                    MegatorrentException? failure = await ExchangeAsync(endpoint, null, timeout.Token);
                    stop.ThrowIfCancellationRequested();
                    if (failure is null)
                    {
                        _parts.Log.Info($"joined through {endpoint}: {View.Members.Count} members");
                        left.Remove(endpoint);
                        pause = first;
                        _wake.Set();
                        break;
                    }
                    if (failure.Kind == ErrorKind.InvalidArgument)
                        left.Remove(endpoint); // this node itself, or nothing that can be connected to
                    if (alone)
                        _parts.Log.Warn($"could not join through {endpoint}: {failure.Message}");
                }
                if (IsInTouch)
                    LeaveKnown(left);
                if (left.Count == 0)
                    return;
                await Task.Delay(pause * (0.75 + 0.5 * _parts.Random.NextDouble()), _parts.Time, stop);
                pause = pause * 2 < longest ? pause * 2 : longest;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    // Those that are dead are tried by the machine.
    private void LeaveKnown(List<string> endpoints)
    {
        ClusterView view;
        lock (_gate)
            view = _machine.View;
        endpoints.RemoveAll(endpoint => view.Members.Any(member => member.Endpoint == endpoint));
    }
}
