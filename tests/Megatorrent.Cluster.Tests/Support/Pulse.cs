using System.Diagnostics;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Wakes whoever waits for a condition each time that something happened.</summary>
internal sealed class Pulse
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Beat()
    {
        TaskCompletionSource beaten;
        lock (_gate)
        {
            beaten = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        beaten.TrySetResult();
    }

    // Not everything that a condition reads beats: gossip that changes no member is silent.
    private static readonly TimeSpan LongestBetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the condition holds, looking again at every beat and now and then between.</summary>
    public async Task UntilAsync(Func<bool> condition, Func<string> describe, int seconds = 60)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next;
            lock (_gate)
                next = _next.Task;
            if (condition())
                return;
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {describe()}");
            try
            {
                await next.WaitAsync(LongestBetweenLooks);
            }
            catch (TimeoutException)
            {
                // No beat: look all the same.
            }
        }
    }
}
