using Megatorrent.Cli.Terminal;
using Megatorrent.Core;

namespace Megatorrent.Cli.Tests.Terminal;

public class StallGuardTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task EndsWhatDoesNotMove()
    {
        ManualTime time = new();
        using StallGuard guard = new(time, Limit, CancellationToken.None);
        Task<int> run = guard.RunAsync(Forever);
        time.Advance(Limit);
        MegatorrentException exception = await Assert.ThrowsAsync<MegatorrentException>(() => run);
        Assert.Equal(ErrorKind.Timeout, exception.Kind);
        Assert.Contains("10.0 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LeavesAloneWhatMoves()
    {
        ManualTime time = new();
        using StallGuard guard = new(time, Limit, CancellationToken.None);
        for (int i = 0; i < 100; i++)
        {
            time.Advance(Limit - TimeSpan.FromSeconds(1));
            guard.Progressed();
        }
        Assert.False(guard.Token.IsCancellationRequested);
        time.Advance(Limit);
        Assert.True(guard.Token.IsCancellationRequested);
    }

    [Fact]
    public void ZeroIsNoLimit()
    {
        ManualTime time = new();
        using StallGuard guard = new(time, TimeSpan.Zero, CancellationToken.None);
        time.Advance(TimeSpan.FromDays(365));
        Assert.False(guard.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task AnInterruptionIsNoStall()
    {
        using CancellationTokenSource interrupt = new();
        using StallGuard guard = new(new ManualTime(), Limit, interrupt.Token);
        Task<int> run = guard.RunAsync(Forever);
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private static async ValueTask<int> Forever(CancellationToken token)
    {
        TaskCompletionSource never = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (token.Register(() => never.TrySetCanceled(token)))
            await never.Task;
        return 0;
    }
}
