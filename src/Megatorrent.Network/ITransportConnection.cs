using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>
/// A byte stream to one peer, in both directions. One read and one write may be under way at a time, and
/// <see cref="Abort"/> may be called at any moment, by any thread.
/// </summary>
public interface ITransportConnection : IAsyncDisposable
{
    /// <summary>The other side, "host:port", for messages to people.</summary>
    string RemoteEndpoint { get; }

    /// <summary>
    /// Reads at least one byte into <paramref name="destination"/> (not empty) and returns how many; 0 when the peer has ended its side.
    /// </summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unreachable"/>: the connection was lost or aborted.</exception>
    /// <exception cref="OperationCanceledException">The token fired; the connection is of no further use.</exception>
    ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Writes all of <paramref name="source"/>; returns when the transport has taken it, which waits for a slow reader.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unreachable"/>: the connection was lost or aborted.</exception>
    /// <exception cref="OperationCanceledException">The token fired; the connection is of no further use.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken);

    /// <summary>Ends this side's stream after what was written: the peer reads 0. Reading goes on. Never throws.</summary>
    void CompleteWriting();

    /// <summary>Cuts the connection now: reads and writes under way fail with Unreachable. Never throws.</summary>
    void Abort();
}
