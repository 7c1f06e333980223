using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>Makes byte-stream connections: over TCP in the product, inside one process in tests and simulations.</summary>
public interface ITransport
{
    /// <summary>What moves the bytes, in a word for people.</summary>
    string Name => "other";

    /// <summary>Connects to <paramref name="endpoint"/>, "host:port".</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: the text is not an endpoint. <see cref="ErrorKind.Unreachable"/>: nobody answers there.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken);

    /// <summary>Listens on <paramref name="endpoint"/>, "host:port"; port 0 takes a free one.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: the text is not an endpoint, or the address is in use, not this machine's or not permitted.
    /// </exception>
    ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken);
}
