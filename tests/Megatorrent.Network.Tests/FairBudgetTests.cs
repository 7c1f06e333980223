using Megatorrent.Network.Sessions;

namespace Megatorrent.Network.Tests;

public class FairBudgetTests
{
    [Fact]
    public async Task First_come_is_first_served_and_a_large_one_is_not_passed_by()
    {
        var budget = new FairBudget(10);
        await budget.AcquireAsync(7, default);
        Task large = budget.AcquireAsync(8, default).AsTask();
        Task small = budget.AcquireAsync(1, default).AsTask();
        Assert.False(small.IsCompleted); // though it would fit
        budget.Release(7);
        await large;
        await small;
        Assert.Equal(1, budget.Free);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = budget.AcquireAsync(11, default); });
    }

    [Fact]
    public async Task Who_leaves_the_line_takes_nothing_and_lets_the_next_pass()
    {
        var budget = new FairBudget(10);
        await budget.AcquireAsync(7, default);
        using var cancel = new CancellationTokenSource();
        Task large = budget.AcquireAsync(8, cancel.Token).AsTask();
        Task small = budget.AcquireAsync(3, default).AsTask();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(0, budget.Free);
        Assert.ThrowsAny<OperationCanceledException>(() => { _ = budget.AcquireAsync(1, new CancellationToken(true)); });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nothing_is_lost_between_many(int seed)
    {
        var random = new Core.SeededRandomSource((ulong)seed);
        var budget = new FairBudget(100);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            using var cancel = new CancellationTokenSource();
            int amount = Core.RandomSourceExtensions.Next(random, 100) + 1;
            ValueTask acquiring = budget.AcquireAsync(amount, cancel.Token);
            if (i % 3 == 0)
                cancel.Cancel();
            try
            {
                await acquiring;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Yield();
            budget.Release(amount);
        }));
        Assert.Equal(100, budget.Free);
    }
}
