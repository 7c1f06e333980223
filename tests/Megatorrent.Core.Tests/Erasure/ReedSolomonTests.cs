using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

public class ReedSolomonTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(5, 4)]
    [InlineData(6, 2)]
    public void Every_set_of_k_shards_brings_back_the_others(int dataShards, int parityShards)
    {
        const int ShardLength = 100;
        Stripe stripe = Stripe.Create(seed: 1, dataShards, parityShards, ShardLength);
        var code = new ReedSolomon(dataShards, parityShards);
        for (uint set = 0; set < 1u << stripe.TotalShards; set++)
        {
            int[] lost = [.. Enumerable.Range(0, stripe.TotalShards).Where(index => (set >> index & 1) == 0)];
            if (lost.Length > parityShards)
                continue;
            Memory<byte>[] shards = stripe.Damaged(lost);
            code.Reconstruct(shards, stripe.Present(lost), ShardLength);
            stripe.AssertWhole(shards, $"lost {string.Join(",", lost)}");
        }
    }

    [Fact]
    public void Parity_is_what_the_definition_says()
    {
        Stripe stripe = Stripe.Create(seed: 2, 10, 4, 5000);
        var code = new ReedSolomon(10, 4);
        byte[][] parity = Stripe.NewParity(code, 5000);
        code.Encode(stripe.Data(), [.. parity.Select(p => (Memory<byte>)p)]);
        for (int r = 0; r < 4; r++)
            Assert.Equal(stripe.Shards[10 + r], parity[r]);
        Assert.True(code.Verify(stripe.All(), 5000));
        stripe.Shards[12][4999] ^= 1;
        Assert.False(code.Verify(stripe.All(), 5000));
    }
}
