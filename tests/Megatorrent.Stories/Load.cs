using System.Diagnostics;
using Megatorrent.Client;
using Megatorrent.Core;

namespace Megatorrent.Stories;

/// <summary>A client that puts and gets all the time, and knows how long each took and what failed.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(2);

    private readonly StoryCluster _cluster;
    private readonly int _length;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly List<string> _failures = [];
    private readonly SemaphoreSlim _requests = new(0); // one for every request that ended
    private readonly Task[] _workers;

    /// <summary>Starts it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workers">Requests under way at once.</param>
    /// <param name="length">Bytes of an object.</param>
    public Load(StoryCluster cluster, int workers, int length)
    {
        _cluster = cluster;
        _length = length;
        _workers = [.. Enumerable.Range(0, workers).Select(number => WorkAsync(number))];
    }

    /// <summary>Requests that came back right.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _milliseconds.Count;
        }
    }

    /// <summary>Requests that failed, with the reason.</summary>
    public string[] Failures
    {
        get
        {
            lock (_gate)
                return [.. _failures];
        }
    }

    /// <summary>Until so many more requests have ended, well or not.</summary>
    /// <param name="count">How many.</param>
    public async Task UntilMoreAsync(int count)
    {
        while (_requests.Wait(0))
        {
            // Those that ended before.
        }
        for (int i = 0; i < count; i++)
        {
            if (!await _requests.WaitAsync(LongestRequest))
                throw new StoryException($"no request has ended for {LongestRequest.TotalSeconds} s");
        }
    }

    /// <summary>The 99th percentile of the latencies since the last call, in milliseconds, and how many there were.</summary>
    public (double P99, int Count) TakeLatency()
    {
        lock (_gate)
        {
            double[] sorted = [.. _milliseconds.Order()];
            _milliseconds.Clear();
            return sorted.Length == 0 ? (0, 0) : (sorted[Math.Min(sorted.Length - 1, sorted.Length * 99 / 100)], sorted.Length);
        }
    }

    /// <summary>Stops, after what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _requests.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync(int number)
    {
        var random = new Random(number);
        await using MegatorrentClient client = await _cluster.NewClientAsync();
        while (!_stop.IsCancellationRequested)
        {
            long started = Stopwatch.GetTimestamp();
            string what = "put";
            try
            {
                StoredFile[] files = _cluster.Files;
                if (random.Next(3) == 0 || files.Length == 0)
                {
                    await _cluster.PutAsync(_length, client);
                }
                else
                {
                    what = "get";
                    await _cluster.CheckAsync(files[random.Next(files.Length)], client);
                }
                double took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                lock (_gate)
                    _milliseconds.Add(took);
            }
            catch (Exception exception) when (exception is MegatorrentException or StoryException)
            {
                lock (_gate)
                    _failures.Add($"{what}: {exception.Message}");
            }
            _requests.Release();
        }
    }
}
