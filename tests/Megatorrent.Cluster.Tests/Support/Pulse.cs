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

    /// <summary>Waits until the condition holds, looking again at every beat.</summary>
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
            TimeSpan left = TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(start);
            try
            {
                await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Not within {seconds} s: {describe()}");
            }
        }
    }
}
