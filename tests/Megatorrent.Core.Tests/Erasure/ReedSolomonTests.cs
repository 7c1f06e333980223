using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

public class ReedSolomonTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(5, 5)]
    [InlineData(8, 4)]
    public void Every_set_of_k_shards_brings_back_the_others(int dataShards, int parityShards)
    {
        const int ShardLength = 37;
        Stripe stripe = Stripe.Create(seed: 1, dataShards, parityShards, ShardLength);
        var code = new ReedSolomon(dataShards, parityShards);
        for (uint set = 0; set < 1u << stripe.TotalShards; set++)
        {
            int[] lost = [.. Enumerable.Range(0, stripe.TotalShards).Where(index => (set >> index & 1) == 0)];
            Memory<byte>[] shards = stripe.Damaged(lost);
            if (lost.Length > parityShards)
            {
                var error = Assert.Throws<MegatorrentException>(() => code.Reconstruct(shards, stripe.Present(lost), ShardLength));
                Assert.Equal(ErrorKind.NotEnoughBlobs, error.Kind);
                Assert.All(lost, index => Assert.False(shards[index].Span.ContainsAnyExcept((byte)0xa5)));
                continue;
            }

            code.Reconstruct(shards, stripe.Present(lost), ShardLength);
            stripe.AssertWhole(shards, $"lost {string.Join(",", lost)}");
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Random_schemes_lengths_and_losses_come_back(string kernel)
    {
        for (ulong seed = 1; seed <= (Kernels.IsEmulated(kernel) ? 12u : 40u); seed++)
        {
            var random = new SeededRandomSource(seed);
            int dataShards = 1 + random.Next(seed % 4 == 0 ? 90 : 12);
            int parityShards = random.Next(seed % 4 == 0 ? 40 : 7);
            int shardLength = 1 + random.Next(Kernels.IsEmulated(kernel) ? 500 : 3000);
            string context = $"seed {seed}, {dataShards}+{parityShards}, length {shardLength}, {kernel}";
            Stripe stripe = Stripe.Create(
                seed, dataShards, parityShards, shardLength, _ => shardLength - random.Next(2) * random.Next(shardLength + 1));
            var code = new ReedSolomon(dataShards, parityShards, Kernels.Find(kernel));

            byte[][] parity = Stripe.NewParity(code, shardLength);
            code.Encode(stripe.Data(), AsMemory(parity));
            for (int r = 0; r < parityShards; r++)
                Assert.True(parity[r].AsSpan().SequenceEqual(stripe.Shards[dataShards + r]), $"{context}: parity {r} differs");
            Assert.True(code.Verify(stripe.All(), shardLength), context);

            for (int round = 0; round < 3; round++)
            {
                int[] lost = Choose(random, stripe.TotalShards, random.Next(parityShards + 1));
                Memory<byte>[] shards = stripe.Damaged(lost);
                code.Reconstruct(shards, stripe.Present(lost), shardLength);
                stripe.AssertWhole(shards, $"{context}, lost {string.Join(",", lost)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Wide_schemes_agree_with_the_definition_around_block_boundaries(string kernel)
    {
        // Two passes over outputs, two over inputs; then the widest there is, where blocks are shortest.
        Check(40, 6, (int)ReedSolomon.BlockLength(40));
        Check(128, 127, ReedSolomon.BlockLengthMin);
        Check(250, 5, ReedSolomon.BlockLengthMin);
        Check(254, 1, 100);
        Check(1, 254, 100);

        void Check(int dataShards, int parityShards, int boundary)
        {
            var code = new ReedSolomon(dataShards, parityShards, Kernels.Find(kernel));
            bool all = dataShards == 40;
            foreach (int shardLength in all ? new[] { boundary - 1, boundary, boundary + 1, 2 * boundary + 1 } : [boundary + 1])
            {
                Stripe stripe = Stripe.Create(3, dataShards, parityShards, shardLength);
                byte[][] parity = Stripe.NewParity(code, shardLength);
                code.Encode(stripe.Data(), AsMemory(parity));
                string context = $"{dataShards}+{parityShards}, length {shardLength}, {kernel}";
                for (int r = 0; r < parityShards; r++)
                    Assert.True(parity[r].AsSpan().SequenceEqual(stripe.Shards[dataShards + r]), $"{context}: parity {r} differs");
            }
        }
    }

    [Fact]
    public void Block_lengths_are_whole_steps_and_shorter_for_wider_stripes()
    {
        for (int inputs = 1; inputs <= ReedSolomon.MaxShards; inputs++)
        {
            nuint length = ReedSolomon.BlockLength(inputs);
            Assert.Equal(0u, length % 128);
            Assert.True(length >= ReedSolomon.BlockLengthMin && length <= 256 << 10);
            Assert.True(length <= ReedSolomon.BlockLength(Math.Max(1, inputs - 1)));
        }
    }

    [Theory]
    [InlineData(128, 127)]
    [InlineData(29, 51)]
    [InlineData(1, 254)]
    [InlineData(254, 1)]
    [InlineData(200, 55)]
    public void Wide_schemes_survive_the_loss_of_m(int dataShards, int parityShards)
    {
        const int ShardLength = 1100;
        Stripe stripe = Stripe.Create(4, dataShards, parityShards, ShardLength);
        var code = new ReedSolomon(dataShards, parityShards);
        Assert.True(code.Verify(stripe.All(), ShardLength));
        foreach (ulong seed in new ulong[] { 1, 2 })
        {
            int[] lost = seed == 1
                ? [.. Enumerable.Range(0, parityShards)]
                : Choose(new SeededRandomSource(seed), stripe.TotalShards, parityShards);
            Memory<byte>[] shards = stripe.Damaged(lost);
            code.Reconstruct(shards, stripe.Present(lost), ShardLength);
            stripe.AssertWhole(shards, $"seed {seed}");
        }
    }

    [Fact]
    public void Without_parity_encode_does_nothing_and_verify_is_true()
    {
        Stripe stripe = Stripe.Create(5, 3, 0, 50, c => 50 - c);
        var code = new ReedSolomon(3, 0);
        code.Encode(stripe.Data(), []);
        Assert.True(code.Verify(stripe.All(), 50));
        code.Update(1, stripe.Shards[1], new byte[49], []);
        Memory<byte>[] shards = stripe.Damaged([]);
        code.Reconstruct(shards, [true, true, true], 50);
        stripe.AssertWhole(shards, "no parity");
        Assert.Equal(
            ErrorKind.NotEnoughBlobs,
            Assert.Throws<MegatorrentException>(() => code.Reconstruct(shards, [true, false, true], 50)).Kind);
    }

    [Fact]
    public void With_one_data_shard_any_shard_brings_back_all()
    {
        Stripe stripe = Stripe.Create(6, 1, 4, 333);
        var code = new ReedSolomon(1, 4);
        for (int survivor = 0; survivor < 5; survivor++)
        {
            int[] lost = [.. Enumerable.Range(0, 5).Where(index => index != survivor)];
            Memory<byte>[] shards = stripe.Damaged(lost);
            code.Reconstruct(shards, stripe.Present(lost), 333);
            stripe.AssertWhole(shards, $"survivor {survivor}");
        }
    }

    [Fact]
    public void Verify_sees_any_changed_byte_of_any_shard()
    {
        const int BlockLength = ReedSolomon.VerifyBlockLength;
        const int ShardLength = 2 * BlockLength + 1;
        Stripe stripe = Stripe.Create(7, 3, 6, ShardLength);
        var code = new ReedSolomon(3, 6);
        ReadOnlyMemory<byte>[] shards = stripe.All();
        Assert.True(code.Verify(shards, ShardLength));
        for (int shard = 0; shard < 9; shard++)
        {
            foreach (int at in new[] { 0, 1, 31, 32, BlockLength - 1, BlockLength, 2 * BlockLength - 1, 2 * BlockLength })
            {
                stripe.Shards[shard][at] ^= 0x10;
                Assert.False(code.Verify(shards, ShardLength), $"shard {shard}, byte {at}");
                stripe.Shards[shard][at] ^= 0x10;
            }
        }

        Assert.True(code.Verify(shards, ShardLength));
    }

    [Theory]
    [InlineData(ReedSolomon.VerifyBlockLength - 1)]
    [InlineData(ReedSolomon.VerifyBlockLength)]
    [InlineData(ReedSolomon.VerifyBlockLength + 1)]
    [InlineData(0)]
    public void Verify_holds_around_its_block_length(int shardLength)
    {
        Stripe stripe = Stripe.Create(8, 5, 5, shardLength);
        Assert.True(new ReedSolomon(5, 5).Verify(stripe.All(), shardLength));
    }

    [Fact]
    public void Verify_takes_a_short_parity_shard_as_padded_with_zeros()
    {
        // Data that ends early leaves zeros at the end of every parity shard; without them nothing changes.
        Stripe stripe = Stripe.Create(9, 2, 2, 6000, _ => 5000);
        var code = new ReedSolomon(2, 2);
        ReadOnlyMemory<byte>[] shards = stripe.All();
        shards[2] = shards[2][..5000];
        Assert.True(code.Verify(shards, 6000));
        shards[2] = shards[2][..4999];
        Assert.Equal(stripe.Shards[2][4999] == 0, code.Verify(shards, 6000));
        stripe.Shards[3][5999] = 1;
        Assert.False(code.Verify(stripe.All(), 6000));
    }

    [Fact]
    public void A_prefix_of_a_missing_shard_is_made_and_an_empty_one_left_out()
    {
        const int ShardLength = 900;
        Stripe stripe = Stripe.Create(10, 5, 4, ShardLength, c => ShardLength - 200 * c);
        var code = new ReedSolomon(5, 4);
        int[] lost = [0, 2, 6, 8];
        Memory<byte>[] shards = stripe.Damaged(lost);
        shards[0] = shards[0][..123];
        shards[2] = shards[2][..0];
        shards[6] = shards[6][..1];
        code.Reconstruct(shards, stripe.Present(lost), ShardLength);
        Assert.True(shards[0].Span.SequenceEqual(stripe.Shards[0].AsSpan(0, 123)));
        Assert.Equal(stripe.Shards[6][0], shards[6].Span[0]);
        Assert.True(shards[8].Span.SequenceEqual(stripe.Shards[8]));

        // Nothing wanted: nothing done, and still an error when too few are left.
        Memory<byte>[] unwanted = stripe.Damaged([]);
        unwanted[1] = default;
        code.Reconstruct(unwanted, stripe.Present([1]), ShardLength);
    }

    [Fact]
    public void A_missing_short_data_shard_can_be_asked_for_with_its_padding()
    {
        Stripe stripe = Stripe.Create(11, 3, 2, 640, c => c == 1 ? 100 : 640);
        Memory<byte>[] shards = stripe.Damaged([1]);
        shards[1] = new byte[640];
        shards[1].Span.Fill(0xa5);
        new ReedSolomon(3, 2).Reconstruct(shards, stripe.Present([1]), 640);
        Assert.True(shards[1].Span[..100].SequenceEqual(stripe.Shards[1]));
        Assert.False(shards[1].Span[100..].ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Present_data_is_preferred_and_parity_past_the_need_is_not_read()
    {
        // Shard 4 is lost. Parity 6 serves; parity 7 and 8 hold rubbish and must not matter.
        Stripe stripe = Stripe.Create(12, 6, 3, 256);
        Memory<byte>[] shards = stripe.Damaged([4, 7, 8]);
        new ReedSolomon(6, 3).Reconstruct(shards, stripe.Present([4]), 256);
        Assert.True(shards[4].Span.SequenceEqual(stripe.Shards[4]));
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Update_gives_what_encoding_anew_gives(string kernel)
    {
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var random = new SeededRandomSource(seed);
            int dataShards = 1 + random.Next(10), parityShards = 1 + random.Next(9), shardLength = 1 + random.Next(1500);
            Stripe before = Stripe.Create(seed, dataShards, parityShards, shardLength, _ => random.Next(shardLength + 1));
            int changed = random.Next(dataShards);
            byte[] newData = new byte[random.Next(shardLength + 1)];
            random.Fill(newData);
            byte[] oldData = before.Shards[changed];
            var code = new ReedSolomon(dataShards, parityShards, Kernels.Find(kernel));

            Memory<byte>[] parity = before.Damaged([])[dataShards..];
            int elsewhere = seed % 3 == 0 ? random.Next(parityShards) : -1;
            Memory<byte> untouched = elsewhere >= 0 ? parity[elsewhere] : default;
            if (elsewhere >= 0)
                parity[elsewhere] = default;
            code.Update(changed, oldData, newData, parity);

            before.Shards[changed] = newData;
            byte[][] expected = Stripe.NewParity(code, shardLength);
            code.Encode(before.Data(), AsMemory(expected));
            for (int r = 0; r < parityShards; r++)
            {
                if (r == elsewhere)
                    Assert.True(untouched.Span.SequenceEqual(before.Shards[dataShards + r]), $"seed {seed}");
                else
                    Assert.True(parity[r].Span.SequenceEqual(expected[r]), $"seed {seed}, parity {r}");
            }
        }
    }

    [Fact]
    public void Shared_instances_are_shared_and_bounded()
    {
        Assert.Same(ReedSolomon.Get(4, 2), ReedSolomon.Get(4, 2));
        ReedSolomon first = ReedSolomon.Get(3, 1);
        for (int parityShards = 2; parityShards <= ReedSolomon.SharedInstancesMax + 1; parityShards++)
            Assert.Equal(parityShards, ReedSolomon.Get(3, parityShards).ParityShards);
        Assert.NotSame(first, ReedSolomon.Get(3, 1));
    }

    [Fact]
    public void Decode_matrices_are_kept_within_their_bound_and_stay_right()
    {
        const int DataShards = 60, ParityShards = 60, ShardLength = 40;
        var code = new ReedSolomon(DataShards, ParityShards, KernelKind.Vector128); // 32 bytes a coefficient; those of GFNI take 8
        Stripe stripe = Stripe.Create(13, DataShards, ParityShards, ShardLength);
        long matrixLength = 32L * DataShards * ParityShards;
        int most = (int)(ReedSolomon.DecodeMatricesLengthMax / matrixLength);
        for (ulong seed = 0; seed < 60; seed++)
        {
            int[] lost = Choose(new SeededRandomSource(seed % 40), stripe.TotalShards, ParityShards);
            Memory<byte>[] shards = stripe.Damaged(lost);
            code.Reconstruct(shards, stripe.Present(lost), ShardLength);
            stripe.AssertWhole(shards, $"seed {seed}");
        }

        Assert.InRange(code.DecodeMatrixCount, 1, most);
        Assert.True(most < 40, "the test loses its point when every pattern fits");

        var small = new ReedSolomon(4, 2);
        Stripe smallStripe = Stripe.Create(14, 4, 2, 10);
        for (int round = 0; round < 5; round++)
            small.Reconstruct(smallStripe.Damaged([1, 3]), smallStripe.Present([1, 3]), 10);
        Assert.Equal(1, small.DecodeMatrixCount);
    }

    [Fact]
    public void Nothing_is_allocated_once_warm()
    {
        const int ShardLength = 5000;
        Stripe stripe = Stripe.Create(15, 6, 3, ShardLength, c => ShardLength - c);
        var code = new ReedSolomon(6, 3);
        ReadOnlyMemory<byte>[] data = stripe.Data(), all = stripe.All();
        int[] lost = [1, 4, 7];
        Memory<byte>[] shards = stripe.Damaged(lost), parity = shards[6..];
        bool[] present = stripe.Present(lost);
        byte[] newData = new byte[ShardLength];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            code.Reconstruct(shards, present, ShardLength);
            code.Encode(data, parity);
            code.Update(2, stripe.Shards[2], newData, parity);
            _ = code.Verify(all, ShardLength);
            _ = ReedSolomon.Get(6, 3);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void One_instance_serves_many_threads()
    {
        Stripe stripe = Stripe.Create(16, 8, 4, 2000);
        var code = new ReedSolomon(8, 4);
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int[] lost = Choose(new SeededRandomSource((ulong)(i % 13)), 12, 4);
            Memory<byte>[] shards = stripe.Damaged(lost);
            code.Reconstruct(shards, stripe.Present(lost), 2000);
            stripe.AssertWhole(shards, $"item {i}");
        });
    }

    internal static Memory<byte>[] AsMemory(byte[][] shards) => [.. shards.Select(shard => (Memory<byte>)shard)];

    private static int[] Choose(SeededRandomSource random, int count, int chosen)
    {
        int[] indices = [.. Enumerable.Range(0, count)];
        for (int i = 0; i < chosen; i++)
        {
            int other = i + random.Next(count - i);
            (indices[i], indices[other]) = (indices[other], indices[i]);
        }

        return [.. indices[..chosen].Order()];
    }
}
