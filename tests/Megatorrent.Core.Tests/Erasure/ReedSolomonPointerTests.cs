using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>The overloads over unmanaged memory, between guard pages, give what the managed ones give.</summary>
public sealed unsafe class ReedSolomonPointerTests : IDisposable
{
    private const int DataShards = 7, ParityShards = 5, TotalShards = DataShards + ParityShards;

    private readonly GuardedMemory[] _shards = [.. Enumerable.Range(0, TotalShards).Select(_ => new GuardedMemory(5000))];
    private readonly ReedSolomon _code = new(DataShards, ParityShards);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(4096)]
    [InlineData(4999)]
    public void Encode_verify_reconstruct_and_update(int shardLength)
    {
        Stripe stripe = Stripe.Create(21, DataShards, ParityShards, shardLength);
        byte** pointers = stackalloc byte*[TotalShards];
        for (int i = 0; i < TotalShards; i++)
        {
            _shards[i].Place(shardLength, atEnd: true);
            pointers[i] = _shards[i].Pointer;
            if (i < DataShards)
                stripe.Shards[i].CopyTo(_shards[i].Span);
        }

        _code.Encode(pointers, pointers + DataShards, (nuint)shardLength);
        AssertShardsAre(stripe, "encode");
        Assert.True(_code.Verify(pointers, (nuint)shardLength));

        byte[] present = [1, 0, 1, 1, 0, 1, 1, 1, 0, 255, 0, 1];
        for (int i = 0; i < TotalShards; i++)
        {
            if (present[i] == 0)
                _shards[i].Span.Fill(0xa5);
        }

        Assert.Equal(shardLength == 0, _code.Verify(pointers, (nuint)shardLength));
        _code.Reconstruct(pointers, present, (nuint)shardLength);
        AssertShardsAre(stripe, "reconstruct");

        // Only shard 4 is wanted.
        present = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1];
        _shards[4].Span.Fill(0xa5);
        pointers[1] = pointers[8] = pointers[10] = null;
        _code.Reconstruct(pointers, present, (nuint)shardLength);
        AssertShardsAre(stripe, "reconstruct one");

        for (int i = 0; i < TotalShards; i++)
            pointers[i] = _shards[i].Pointer;
        Stripe changed = Stripe.Create(21, DataShards, ParityShards, shardLength);
        new SeededRandomSource(22).Fill(changed.Shards[3]);
        byte[][] parity = Stripe.NewParity(_code, shardLength);
        _code.Encode(changed.Data(), ReedSolomonTests.AsMemory(parity));
        parity.CopyTo(changed.Shards, DataShards);
        fixed (byte* newData = changed.Shards[3])
            _code.Update(3, pointers[3], newData, pointers + DataShards, (nuint)shardLength);
        changed.Shards[3].CopyTo(_shards[3].Span);
        AssertShardsAre(changed, "update");
    }

    [Fact]
    public void Without_parity_no_pointer_to_it_is_needed()
    {
        var code = new ReedSolomon(1, 0);
        byte* bytes = stackalloc byte[8];
        code.Encode(&bytes, null, 8);
        Assert.True(code.Verify(&bytes, 8));
        code.Update(0, bytes, bytes, null, 8);
    }

    public void Dispose()
    {
        foreach (GuardedMemory shard in _shards)
            shard.Dispose();
    }

    private void AssertShardsAre(Stripe stripe, string context)
    {
        for (int i = 0; i < TotalShards; i++)
        {
            Assert.True(_shards[i].Span.SequenceEqual(stripe.Shards[i]), $"{context}: shard {i} differs");
            _shards[i].AssertSurroundingsUntouched($"{context}: shard {i}");
        }
    }
}
