using Megatorrent.Core;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>What every engine over the system's TCP does, one like the other.</summary>
public class SystemTransportTests
{
    public static TheoryData<string> Engines => [.. Over.Engines];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Port_0_becomes_a_real_port(string engine)
    {
        await Listens(engine, "127.0.0.1:0", "127.0.0.1:");
        await Listens(engine, "localhost:0", ":");
        await Listens(engine, "*:0", "0.0.0.0:");
    }

    private static async Task Listens(string engine, string listen, string starts)
    {
        ITransport transport = Over.Transport(engine);
        await using ITransportListener listener = await transport.ListenAsync(listen, default);
        Assert.Contains(starts, listener.Endpoint);
        int port = int.Parse(listener.Endpoint[(listener.Endpoint.LastIndexOf(':') + 1)..]);
        Assert.NotEqual(0, port);
        Task<ITransportConnection> accepting = listener.AcceptAsync(default).AsTask();
        await using ITransportConnection connecting = await transport.ConnectAsync($"localhost:{port}", default);
        await using ITransportConnection accepted = await accepting;
        await connecting.WriteAsync("hello"u8.ToArray(), default);
        connecting.CompleteWriting();
        var buffer = new byte[10];
        int count = await accepted.ReadAsync(buffer, default);
        while (await accepted.ReadAsync(buffer.AsMemory(count), default) is var more and > 0)
            count += more;
        Assert.Equal("hello"u8.ToArray(), buffer[..count]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData(":7600")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:-1")]
    [InlineData("localhost:7600/")]
    [InlineData("http://localhost:7600")]
    [InlineData("::1:7600")]
    [InlineData("[::1]")]
    [InlineData("a b:1")]
    public async Task What_is_no_endpoint_is_an_invalid_argument(string endpoint)
    {
        IEnumerable<ITransport> transports = Over.Engines.Select(Over.Transport);
        foreach (Func<Task> act in transports.SelectMany(transport => (Func<Task>[])
        [
            () => transport.ConnectAsync(endpoint, default).AsTask(),
            () => transport.ListenAsync(endpoint, default).AsTask(),
        ]))
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(act);
            Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
            Assert.Contains("HOST:PORT", exception.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Failures_say_what_is_wrong(string engine)
    {
        ITransport transport = Over.Transport(engine);
        ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        var inUse = await Assert.ThrowsAsync<MegatorrentException>(() => transport.ListenAsync(listener.Endpoint, default).AsTask());
        Assert.Equal(ErrorKind.InvalidArgument, inUse.Kind);
        Assert.Contains("address already in use", inUse.Message);
        Assert.Contains(listener.Endpoint, inUse.Message);

        Task accepting = listener.AcceptAsync(default).AsTask();
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => accepting);
        var refused = await Assert.ThrowsAsync<MegatorrentException>(() => transport.ConnectAsync(listener.Endpoint, default).AsTask());
        Assert.Equal(ErrorKind.Unreachable, refused.Kind);
        Assert.Contains("connection refused", refused.Message);
        Assert.Contains(listener.Endpoint, refused.Message);

        var zero = await Assert.ThrowsAsync<MegatorrentException>(() => transport.ConnectAsync("127.0.0.1:0", default).AsTask());
        Assert.Equal(ErrorKind.InvalidArgument, zero.Kind);
        var elsewhere = await Assert.ThrowsAsync<MegatorrentException>(() => transport.ListenAsync("192.0.2.1:0", default).AsTask());
        Assert.Equal(ErrorKind.InvalidArgument, elsewhere.Kind);
        Assert.Contains("this machine's", elsewhere.Message);
        var unknown = await Assert.ThrowsAsync<MegatorrentException>(() => transport.ConnectAsync("no-such-host.invalid:1", default).AsTask());
        Assert.Equal(ErrorKind.Unreachable, unknown.Kind);
        Assert.Contains("no-such-host.invalid", unknown.Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_canceled_connect_and_accept_end(string engine)
    {
        ITransport transport = Over.Transport(engine);
        using var cancel = new CancellationTokenSource();
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        Task accepting = listener.AcceptAsync(cancel.Token).AsTask();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transport.ConnectAsync(listener.Endpoint, cancel.Token).AsTask());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task An_aborted_connection_is_Unreachable_to_its_own_side(string engine)
    {
        ITransport transport = Over.Transport(engine);
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        await using ITransportConnection connection = await transport.ConnectAsync(listener.Endpoint, default);
        Task reading = connection.ReadAsync(new byte[1], default).AsTask();
        connection.Abort();
        connection.Abort();
        connection.CompleteWriting();
        Assert.Equal(ErrorKind.Unreachable, (await Assert.ThrowsAsync<MegatorrentException>(() => reading)).Kind);
        Assert.Equal(ErrorKind.Unreachable, (await Assert.ThrowsAsync<MegatorrentException>(
            () => connection.WriteAsync(new byte[1], default).AsTask())).Kind);
    }

    [Fact]
    public void A_word_chooses_the_engine()
    {
        Assert.Same(SystemTransport.Auto, SystemTransport.Parse(null));
        Assert.Same(SystemTransport.Auto, SystemTransport.Parse(""));
        foreach (SystemTransport choice in SystemTransport.All)
            Assert.Same(choice, SystemTransport.Parse(choice.Word));
        var unknown = Assert.Throws<MegatorrentException>(() => SystemTransport.Parse("pigeon"));
        Assert.Equal(ErrorKind.InvalidArgument, unknown.Kind);
        Assert.Contains("auto or portable or io_uring", unknown.Message);
        Assert.Equal("portable", SystemTransport.Portable.Name);
        Assert.Null(SystemTransport.Portable.Refusal);
        Assert.Equal(Over.Engines[^1], SystemTransport.Auto.Name);
    }
}
