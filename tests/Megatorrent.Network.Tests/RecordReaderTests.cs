using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>The buffer that a connection reads into: large while much arrives, next to nothing while it is idle.</summary>
public class RecordReaderTests
{
    [Fact]
    public void The_buffer_grows_with_a_transfer_and_shrinks_when_the_connection_is_quiet_again() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        uint number = 0;
        for (int round = 0; round < 2; round++)
        {
            await PingAsync(count: 20);
            Assert.True(node.ReadBufferLength <= 128, $"an idle connection holds a buffer of {node.ReadBufferLength} bytes");

            byte[] blob = Blobs.Make(1_000_000, 1);
            Task storing = client.StoreAsync(default, blob, default, default).AsTask();
            await node.ReceiveAsync(MessageType.Store, ++number);
            await node.SendAsync(MessageType.Proceed, number, []);
            var received = new List<byte>();
            for (bool isLast = false; !isLast;)
            {
                (FrameHeader header, byte[] body) = await node.ReceiveAsync();
                received.AddRange(body);
                isLast = (header.Flags & FrameFlags.Last) != 0;
            }
            Assert.Equal(blob, received);
            Assert.True(node.ReadBufferLength >= 64 * 1024, $"a transfer goes through a buffer of {node.ReadBufferLength} bytes");
            await node.SendAsync(MessageType.Stored, number, [1]);
            await storing;
        }

        async Task PingAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Task pinging = client.PingAsync(default).AsTask();
                await node.ReceiveAsync(MessageType.Ping, ++number);
                await node.SendAsync(MessageType.Pong, number, []);
                await pinging;
            }
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(5000)]
    [InlineData(int.MaxValue)]
    public void Messages_of_every_length_arrive_whole_whatever_the_pieces(int maxReadBytes) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, maxReadBytes: maxReadBytes);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        uint number = 0;
        int[] lengths = [0, 1, 93, 94, 95, 200, 0, 4061, 4062, 4063, 10, 70_000, 0, 5, 3000, 130_000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 50_000, 0];
        foreach (int length in lengths)
        {
            byte[] query = Blobs.Make(length, 2);
            Task<byte[]> asking = client.StatusAsync(query, default).AsTask();
            Assert.Equal(query, await node.ReceiveAsync(MessageType.Status, ++number));
            await node.SendAsync(MessageType.StatusReply, number, query);
            Assert.Equal(query, await asking);
        }
    });
}
