using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>Accepts connections until it is disposed.</summary>
public interface ITransportListener : IAsyncDisposable
{
    /// <summary>Where it listens, "host:port" with the real port.</summary>
    string Endpoint { get; }

    /// <summary>The next connection. One call at a time.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unreachable"/>: this attempt failed (out of handles, say), the listener lives on.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken);
}
