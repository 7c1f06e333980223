using Megatorrent.Client;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>Keeps what a transfer tells of its progress, and does something at each call, on the thread that tells it.</summary>
internal sealed class Told(Action<TransferProgress>? react = null) : IProgress<TransferProgress>
{
    private readonly List<TransferProgress> _calls = [];

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<TransferProgress> Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        lock (_calls)
            _calls.Add(value);
        react?.Invoke(value);
    }
}
