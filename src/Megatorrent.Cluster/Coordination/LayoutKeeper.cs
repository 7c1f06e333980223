using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// The layout that a node goes by: only a validated one, only a newer one, and kept in the node's folder so that neither a restart nor the
/// loss of the coordinator takes it away. Thread-safe.
/// </summary>
/// <param name="file">Where it is remembered.</param>
/// <param name="clusterKey">The cluster's Ed25519 public key, 32 bytes.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class LayoutKeeper(NodeFile file, byte[] clusterKey, TimeProvider time, EventLog log)
{
    /// <summary>The file's name in the node's folder.</summary>
    public const string FileName = "layout";

    private readonly Lock _gate = new();
    private readonly Lock _publishGate = new(); // keeps events in order; taken before _gate
    private SignedLayout? _current;
    private Task _writes = Task.CompletedTask;

    /// <summary>Raised after each new layout, in order.</summary>
    public event Action<SignedLayout>? Changed;

    /// <summary>The layout now; null before anything was decided.</summary>
    public SignedLayout? Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Takes back what was remembered. A file that cannot be used is left where it is until a newer layout comes.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        byte[]? remembered = await file.ReadAsync(cancellationToken);
        if (remembered is null)
            return;
        try
        {
            SignedLayout layout = SignedLayout.Decode(remembered);
            layout.Validate(clusterKey, time.GetUtcNow());
            lock (_gate)
                _current = layout;
        }
        catch (MegatorrentException exception)
        {
            log.Error($"the remembered layout cannot be used: {exception.Message}");
        }
    }

    /// <summary>Takes a layout from outside if it holds and is newer, and returns when it is on disk.</summary>
    /// <returns>Whether it was newer.</returns>
    /// <exception cref="MegatorrentException">Unauthorized: it does not hold. InputOutput: it cannot be written; it counts all the same.</exception>
    public async ValueTask<bool> AdoptAsync(SignedLayout layout, CancellationToken cancellationToken) =>
        await AdoptAsync(layout, onlyNext: false, cancellationToken);

    /// <summary>As <see cref="AdoptAsync(SignedLayout, CancellationToken)"/>, if it also follows the present layout.</summary>
    public async ValueTask<bool> AdoptNextAsync(SignedLayout layout, CancellationToken cancellationToken) =>
        await AdoptAsync(layout, onlyNext: true, cancellationToken);

    private async ValueTask<bool> AdoptAsync(SignedLayout layout, bool onlyNext, CancellationToken cancellationToken)
    {
        layout.Validate(clusterKey, time.GetUtcNow());
        Task written;
        lock (_publishGate)
        {
            lock (_gate)
            {
                if (!layout.Supersedes(_current) || (onlyNext && !layout.Follows(_current)))
                    return false;
                _current = layout;
                written = _writes = WriteAsync(_writes, layout.Encoded);
            }
            log.Info($"layout of epoch {layout.Layout.Epoch}");
            Changed?.Invoke(layout);
        }
        await written.WaitAsync(cancellationToken);
        return true;
    }

    private async Task WriteAsync(Task before, byte[] encoded)
    {
        try
        {
            await before;
        }
        catch (MegatorrentException)
        {
            // Whoever waited for that one heard of it; a full disk is tried again with the next.
        }
        try
        {
            await file.WriteAsync(encoded, CancellationToken.None);
        }
        catch (MegatorrentException exception)
        {
            log.Error($"the layout could not be remembered: {exception.Message}");
            throw;
        }
    }
}
