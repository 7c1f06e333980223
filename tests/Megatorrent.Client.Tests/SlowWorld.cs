using Megatorrent.Network;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Client.Tests;

/// <summary>A network in memory on a clock that stands still, all on one <see cref="Pump"/>: a node that stalls costs a test no time.</summary>
internal sealed class SlowWorld
{
    public const int RequestTimeoutMs = 100_000; // far more than any read here may take

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Pump _pump;

    public SlowWorld(Pump pump)
    {
        _pump = pump;
        Transport = new MemoryTransport(new MemoryTransportOptions { Time = Time });
    }

    public ManualTime Time { get; } = new();

    public ITransport Transport { get; }

    /// <summary>Lets a time pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        await _pump.IdleAsync();
        for (long begun = Time.GetTimestamp(); Time.GetElapsedTime(begun) < span;)
        {
            TimeSpan left = span - Time.GetElapsedTime(begun);
            Time.Advance(Time.NextTimerIn is { } next && next < left ? next : left);
            await _pump.IdleAsync();
        }
    }

    /// <summary>Lets time pass until the work has ended, and says how much has.</summary>
    public async Task<TimeSpan> RunAsync(Task work)
    {
        long begun = Time.GetTimestamp();
        await _pump.IdleAsync();
        while (!work.IsCompleted)
        {
            if (Time.GetElapsedTime(begun) > Longest)
                throw new InvalidOperationException($"Not done within {Longest} of virtual time: the work hangs.");
            Time.Advance(Time.NextTimerIn ?? throw new InvalidOperationException("Nothing is left to wait for: the work hangs."));
            await _pump.IdleAsync();
        }
        await work;
        return Time.GetElapsedTime(begun);
    }
}
