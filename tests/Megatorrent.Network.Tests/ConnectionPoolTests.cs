using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

public class ConnectionPoolTests
{
    [Fact]
    public void Callers_share_one_connection_and_one_attempt() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        int links = 0;
        world.Connected = _ => links++;
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        PeerConnection[] connections = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => pool.GetAsync(world.Server.Endpoint, null, default).AsTask()));
        Assert.All(connections, connection => Assert.Same(connections[0], connection));
        Assert.Same(connections[0], await pool.GetAsync(world.Server.Endpoint, connections[0].Remote.Id, default));
        Assert.Equal(1, links);
    });

    [Fact]
    public void A_caller_that_gives_up_does_not_end_the_attempt_of_the_others() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Connected = link => link.ToConnector.IsPaused = true;
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        using var cancel = new CancellationTokenSource();
        Task impatient = pool.GetAsync(world.Server.Endpoint, null, cancel.Token).AsTask();
        Task<PeerConnection> patient = pool.GetAsync(world.Server.Endpoint, null, default).AsTask();
        await pump.IdleAsync();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        world.Link.ToConnector.IsPaused = false;
        Assert.True((await patient).IsOpen);
    });

    [Fact]
    public void A_peer_that_failed_is_left_alone_for_longer_and_longer() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        for (int failures = 1; failures <= 12; failures++)
        {
            var failed = await FailAsync();
            Assert.Contains("connection refused", failed.Message);
            double wholeMs = Math.Min(ConnectionPool.MaxBackOffMs, ConnectionPool.FirstBackOffMs * Math.Pow(2, failures - 1));
            await world.AdvanceAsync((int)(wholeMs / 2) - 1);
            var soon = await FailAsync();
            Assert.Contains($"after {failures} failed", soon.Message);
            Assert.Contains("connection refused", soon.Message);
            await world.AdvanceAsync((int)(wholeMs / 2) + 2);
        }

        // Retry and Forget let the next caller try at once, and success clears the count.
        await FailAsync();
        pool.Retry("late:7600");
        Assert.StartsWith("Cannot connect", (await FailAsync()).Message);
        await using ITransportListener listener = await world.Transport.ListenAsync("late:7600", default);
        Assert.Contains("left alone", (await FailAsync()).Message);
        pool.Forget("late:7600");
        Task<PeerConnection> connecting = pool.GetAsync("late:7600", null, default).AsTask();
        await using RawPeer node = await RawPeer.AcceptAsync(listener, world.Options(Role.Node));
        Assert.True((await connecting).IsOpen);

        async Task<MegatorrentException> FailAsync()
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => pool.GetAsync("late:7600", null, default).AsTask());
            Assert.Equal(ErrorKind.Unreachable, exception.Kind);
            return exception;
        }
    });

    [Fact]
    public void Back_off_is_jittered()
    {
        var delays = new HashSet<string>();
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Pump.Run(async pump =>
            {
                await using World world = await World.CreateAsync(pump, seed);
                await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
                for (int i = 0; i < 8; i++)
                {
                    await Assert.ThrowsAsync<MegatorrentException>(() => pool.GetAsync("nobody:1", null, default).AsTask());
                    await world.AdvanceAsync(20_000);
                }
                await Assert.ThrowsAsync<MegatorrentException>(() => pool.GetAsync("nobody:1", null, default).AsTask());
                var soon = await Assert.ThrowsAsync<MegatorrentException>(() => pool.GetAsync("nobody:1", null, default).AsTask());
                delays.Add(soon.Message);
            });
        }
        Assert.True(delays.Count >= 4, string.Join('\n', delays));
    }

    [Fact]
    public void A_refusal_keeps_its_kind_while_the_peer_is_left_alone() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        using var foreign = new TestCluster { Time = world.Time, Random = world.Random };
        await using var pool = new ConnectionPool(world.Transport, foreign.Options(Role.Admin));
        for (int i = 0; i < 2; i++)
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => pool.GetAsync(world.Server.Endpoint, null, default).AsTask());
            Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        }
    });

    [Fact]
    public void Another_identity_is_refused_to_that_caller_only() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        SessionOptions options = world.Options(Role.Admin);
        await using var pool = new ConnectionPool(world.Transport, options);
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            () => pool.GetAsync(world.Server.Endpoint, options.Identity.Id, default).AsTask());
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains(options.Identity.Id.ToShortString(), exception.Message);
        Assert.Same(connection, await pool.GetAsync(world.Server.Endpoint, connection.Remote.Id, default));
    });

    [Fact]
    public void A_dead_connection_is_replaced() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        PeerConnection first = await pool.GetAsync(world.Server.Endpoint, null, default);
        world.Link.Cut();
        await pump.IdleAsync();
        Assert.False(first.IsOpen);
        PeerConnection second = await pool.GetAsync(world.Server.Endpoint, null, default);
        Assert.NotSame(first, second);
        await second.PingAsync(default);
        pool.Forget(world.Server.Endpoint);
        Assert.False(second.IsOpen);
        pool.Forget("nobody:1");
    });

    [Fact]
    public void A_connection_that_nobody_uses_is_closed() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin) with { PoolIdleMs = 100_000 });
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        for (int i = 0; i < 5; i++)
        {
            await world.AdvanceAsync(50_000);
            await connection.PingAsync(default);
        }
        Assert.True(connection.IsOpen);
        for (int i = 0; i < 3; i++)
            await world.AdvanceAsync(50_000);
        Assert.False(connection.IsOpen);
        await pump.IdleAsync();
        Assert.Equal(0, world.Server.ConnectionCount);
        Assert.True((await pool.GetAsync(world.Server.Endpoint, null, default)).IsOpen);
    });

    [Fact]
    public void A_long_request_is_use() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var gate = new TaskCompletionSource();
        world.Handler.Status = async (_, _) =>
        {
            await gate.Task;
            return [];
        };
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin) with { PoolIdleMs = 1_000, RequestTimeoutMs = 1_000_000 });
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        Task asking = connection.StatusAsync(default, default).AsTask();
        for (int i = 0; i < 20; i++)
            await world.AdvanceAsync(10_000);
        Assert.True(connection.IsOpen);
        gate.SetResult();
        await asking;
    });

    [Fact]
    public void Disposing_ends_connections_and_attempts() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        await using ITransportListener listener = await world.Transport.ListenAsync("slow:1", default);
        Task connecting = pool.GetAsync("slow:1", null, default).AsTask();
        await pump.IdleAsync();
        await pool.DisposeAsync();
        Assert.False(connection.IsOpen);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.GetAsync(world.Server.Endpoint, null, default).AsTask());
        await pool.DisposeAsync();
    });
}
