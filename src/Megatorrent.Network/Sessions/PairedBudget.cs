namespace Megatorrent.Network.Sessions;

/// <summary>A connection's own budget and the one that all connections of a server share: what is taken, is taken from both.</summary>
internal sealed class PairedBudget(long ownCapacity, FairBudget shared)
{
    private readonly FairBudget _own = new(ownCapacity);

    /// <summary>Waits for the own budget first, so that a connection that is over its own waits without holding up the others.</summary>
    /// <exception cref="OperationCanceledException">The token fired; nothing was taken.</exception>
    public async ValueTask AcquireAsync(long amount, CancellationToken cancellationToken)
    {
        await _own.AcquireAsync(amount, cancellationToken);
        try
        {
            await shared.AcquireAsync(amount, cancellationToken);
        }
        catch
        {
            _own.Release(amount);
            throw;
        }
    }

    public void Release(long amount)
    {
        shared.Release(amount);
        _own.Release(amount);
    }
}
