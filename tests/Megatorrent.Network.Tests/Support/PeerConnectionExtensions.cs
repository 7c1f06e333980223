using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Tests.Support;

internal static class PeerConnectionExtensions
{
    /// <summary>Shows that the connection still works: pings, and has the other side answer by hand.</summary>
    public static async Task PingAnsweredByAsync(this PeerConnection client, RawPeer node)
    {
        Task pinging = client.PingAsync(default).AsTask();
        var (header, _) = await node.ReceiveAsync();
        Assert.Equal(MessageType.Ping, header.Type);
        await node.SendAsync(MessageType.Pong, header.RequestNumber, []);
        await pinging;
    }
}
