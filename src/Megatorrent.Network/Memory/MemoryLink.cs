namespace Megatorrent.Network.Memory;

/// <summary>One connection of a <see cref="MemoryTransport"/>, with the handles that break it.</summary>
public sealed class MemoryLink
{
    internal MemoryLink(string connector, string listener, MemoryTransportOptions options)
    {
        ListenEndpoint = listener;
        ToListener = new MemoryPipe(options, connector, Cut);
        ToConnector = new MemoryPipe(options, listener, Cut);
        Connecting = new MemoryConnection(listener, ToConnector, ToListener);
        Accepting = new MemoryConnection(connector, ToListener, ToConnector);
    }

    /// <summary>The endpoint that was connected to.</summary>
    public string ListenEndpoint { get; }

    /// <summary>The bytes from the connecting side to the listening one.</summary>
    public MemoryPipe ToListener { get; }

    /// <summary>The bytes from the listening side to the connecting one.</summary>
    public MemoryPipe ToConnector { get; }

    internal MemoryConnection Connecting { get; }

    internal MemoryConnection Accepting { get; }

    /// <summary>Cuts both directions: what was written before can still be read, then both sides see the connection lost.</summary>
    public void Cut()
    {
        ToListener.Cut();
        ToConnector.Cut();
    }
}
