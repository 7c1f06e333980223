using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Tests.Entropy;

/// <summary>The comparison by sums: several real stores, asked without a network.</summary>
public sealed class EntropyTests : IAsyncLifetime
{
    private const int Nodes = 7;
    private const int Stripes = 400;
    private readonly string _folder = Directory.CreateTempSubdirectory("mt-entropy-").FullName;
    private readonly ManualTime _time = new();
    private readonly Member[] _members = new ClusterView(TestKeys.Members(Nodes), 1).Living.ToArray();
    private readonly BlobStore[] _stores = new BlobStore[Nodes];
    private readonly EntropyTable[] _tables = new EntropyTable[Nodes];
    private readonly TestStripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static i =>
        i % 10 == 0 ? new TestStripe(9000 + (ulong)i, 1, 2, 60) : new TestStripe(9000 + (ulong)i, 4, 2, 50, 40, 30, 20))];
    private readonly HashSet<BlobId> _ended = [];
    private EntropyLayout _layout = null!;
    private Func<int, byte[], byte[]> _tamper = static (_, answer) => answer;

    public async Task InitializeAsync()
    {
        _layout = new EntropyLayout(new ClusterView(_members, 1));
        for (int i = 0; i < Nodes; i++)
        {
            _stores[i] = await BlobStore.OpenAsync(
                PhysicalFileSystem.Instance, Path.Combine(_folder, $"{i}"), new BlobStoreOptions { Executor = InlineExecutor.Instance });
            _tables[i] = new EntropyTable(_stores[i], _members[i].Id, _ended.Contains, TimeSpan.FromMinutes(1), _time, CancellationToken.None);
        }
        foreach (TestStripe stripe in _stripes)
            await PutAsync(stripe);
    }

    public async Task DisposeAsync()
    {
        foreach (BlobStore store in _stores)
            await store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_differs_in_a_whole_cluster_and_that_costs_one_question_a_member()
    {
        for (int i = 0; i < Nodes; i++)
        {
            EntropyResult result = await CompareAsync(i);
            Assert.True(result.IsEqual);
            Assert.Empty(result.Different);
            Assert.Equal(Nodes - 1, result.Questions);
            Assert.InRange(result.Bytes, 1, (Nodes - 1) * 128);
        }
    }

    [Fact]
    public async Task Every_kind_of_difference_is_found_and_nothing_else()
    {
        await AllAsync();
        var expected = new HashSet<BlobId>();
        async Task Harm(int at, Func<TestStripe, Task> harm)
        {
            await harm(_stripes[at]);
            expected.Add(_stripes[at].Id);
        }
        await Harm(1, stripe => _stores[Holder(stripe, 0)].DeleteAsync(stripe.Descriptor.Ids[0]).AsTask());           // a blob is gone
        await Harm(7, stripe => _stores[Holder(stripe, 5)].DeleteDescriptorAsync(stripe.Id).AsTask());                // a descriptor is gone
        await Harm(9, stripe => PutAsync(stripe, 1, Enumerable.Range(0, Nodes).First(i => i != Holder(stripe, 1))));  // a blob is there twice
        await Harm(10, stripe => _stores[Holder(stripe, 0)].DeleteAsync(stripe.Id).AsTask());                         // a copy is missing
        await Harm(21, DeleteAtOwnerAsync); // all at the member that compares it, descriptor and all
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(expected.Order(), (await AllAsync()).Order());
    }

    [Fact]
    public async Task What_nobody_keeps_and_its_owner_has_collected_is_not_listed()
    {
        await AllAsync();
        await DeleteAtOwnerAsync(_stripes[21]);
        await DeleteAtOwnerAsync(_stripes[22]);
        _ended.Add(_stripes[21].Id);
        _time.Advance(TimeSpan.FromMinutes(1));
        var found = new List<BlobId>();
        for (int i = 0; i < Nodes; i++)
            found.AddRange((await CompareAsync(i)).Different);
        Assert.Equal([_stripes[22].Id], found);
    }

    [Fact]
    public async Task A_pass_goes_on_when_whoever_asked_for_it_gives_up()
    {
        try
        {
            await _tables[0].UpdateAsync(_layout, new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // Unless the pass was quicker.
        }
        await _tables[0].SettleAsync();
        Assert.Equal(1, _tables[0].Builds);
    }

    [Fact]
    public async Task What_is_put_is_added_up_without_another_pass()
    {
        await AllAsync();
        long[] builds = [.. _tables.Select(static table => table.Builds)];
        foreach (int seed in Enumerable.Range(20_000, 30))
            await PutAsync(new TestStripe((ulong)seed, 4, 2, 40, 30, 20, 10));
        Assert.Empty(await AllAsync());
        var half = new TestStripe(30_000, 4, 2, 40, 30, 20, 10);
        await PutAsync(half, 0, 0); // the rest never came
        Assert.Equal([half.Id], await AllAsync());
        Assert.Equal(builds, _tables.Select(static table => table.Builds));
    }

    [Fact]
    public async Task A_loss_is_seen_after_another_pass_not_sooner()
    {
        await AllAsync();
        TestStripe stripe = _stripes[3];
        await _stores[Holder(stripe, 2)].DeleteAsync(stripe.Descriptor.Ids[2]);
        Assert.Empty(await AllAsync()); // the table may be a minute old
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([stripe.Id], await AllAsync());
    }

    [Fact]
    public async Task More_than_is_followed_is_said_and_no_more_is_asked()
    {
        foreach (TestStripe stripe in _stripes)
            await _stores[Holder(stripe, 0)].DeleteAsync(stripe.Descriptor.Ids[0]);
        EntropyResult result = await CompareAsync(0, differencesMax: 3);
        Assert.True(result is { IsTooMuch: true, IsEqual: false, Unknown: null });
        Assert.InRange(result.Questions, 1, 4 * (Nodes - 1));
    }

    [Fact]
    public async Task Another_layout_or_an_answer_that_is_none_says_nothing()
    {
        _tamper = static (member, answer) => member == 3 ? EntropyMessages.EncodeSums(null) : answer;
        EntropyResult other = await CompareAsync(0);
        Assert.True(other is { IsEqual: false, Unknown: not null });
        _tamper = static (member, answer) => member == 3 ? answer[..^3] : answer;
        EntropyResult broken = await CompareAsync(0);
        Assert.True(broken is { IsEqual: false, Unknown: not null });
    }

    [Fact]
    public async Task A_liar_can_hide_nothing_but_its_own_loss_and_costs_little()
    {
        // It adds one to every sum: every range seems to differ, and the lists show that none does.
        _tamper = static (member, answer) =>
        {
            if (member != 3 || !answer.AsSpan().StartsWith("d1:s"u8))
                return answer;
            int colon = answer.AsSpan(4).IndexOf((byte)':') + 5;
            answer[colon + 15] ^= 1;
            return answer;
        };
        EntropyResult result = await CompareAsync(0);
        Assert.False(result.IsEqual);
        Assert.Empty(result.Different);
        Assert.InRange(result.Bytes, 1, 200_000);
    }

    [Fact]
    public void Sums_of_ranges_are_those_of_their_stripes()
    {
        var random = new Random(5);
        var sums = new OwnerSums();
        var all = new Dictionary<BlobId, UInt128>();
        for (int i = 0; i < 300; i++)
        {
            BlobId stripe = TestKeys.Stripe(i);
            all[stripe] = (UInt128)random.NextInt64() * (UInt128)random.NextInt64();
            sums.Add(StripeRange.KeyOf(in stripe), all[stripe]);
        }
        sums.Seal();
        for (int i = 250; i < 350; i++)
        {
            BlobId stripe = TestKeys.Stripe(i);
            UInt128? now = i % 3 == 0 ? null : (UInt128)random.NextInt64();
            sums.Change(stripe, now);
            all.Remove(stripe);
            if (now is { } held)
                all[stripe] = held;
        }
        List<StripeRange> ranges = [StripeRange.Everything];
        for (int depth = 0; depth < 3; depth++)
            ranges.AddRange(ranges.ToArray().Where(range => range.Depth == 4 * depth).SelectMany(range => Enumerable.Range(0, 16).Select(i => range.Part(4, i))).ToArray());
        Assert.Equal(1 + 16 + 256 + 4096, ranges.Count);
        foreach (StripeRange range in ranges)
        {
            UInt128[] inside = [.. all.Where(pair => StripeRange.KeyOf(pair.Key) is var key && key >= range.Prefix && key <= range.Last).Select(pair => pair.Value)];
            UInt128 total = inside.Aggregate((UInt128)0, static (sum, one) => unchecked(sum + one));
            Assert.Equal(new RangeSum(total, inside.Length), sums.SumOf(range));
        }
    }

    [Fact]
    public void The_messages_are_what_the_document_says()
    {
        byte[] layout = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)];
        byte[] question = EntropyMessages.EncodeQuestion(layout, 4, [new StripeRange(4, 0xA000000000000000)]);
        Assert.Equal("64313A66693465313A6C31363A000102030405060708090A0B0C0D0E0F313A72393A04A000000000000000313A7669316565", Convert.ToHexString(question));
        (byte[] name, int bits, StripeRange[] ranges) = EntropyMessages.DecodeQuestion(question);
        Assert.Equal(layout, name);
        Assert.Equal((4, new StripeRange(4, 0xA000000000000000)), (bits, Assert.Single(ranges)));
        byte[] sums = EntropyMessages.EncodeSums([new RangeSum(1, 2)]);
        Assert.Equal("64313A7332303A0000000000000000000000000000000100000002313A7669316565", Convert.ToHexString(sums));
        Assert.Equal([new RangeSum(1, 2)], EntropyMessages.DecodeSums(sums, 1)!);
        Assert.Null(EntropyMessages.DecodeSums(EntropyMessages.EncodeSums(null), 1));
        Assert.Throws<MegatorrentException>(() => EntropyMessages.DecodeSums(sums, 2));
        byte[] stripes = EntropyMessages.EncodeStripes([(TestKeys.Stripe(1), 3)], isCut: true);
        (List<(BlobId Stripe, UInt128 Total)> listed, bool isCut) = EntropyMessages.DecodeStripes(stripes)!.Value;
        Assert.Equal((TestKeys.Stripe(1), (UInt128)3), Assert.Single(listed));
        Assert.True(isCut);
        Assert.Null(EntropyMessages.DecodeStripes(EntropyMessages.EncodeStripes(null, isCut: false)));
        byte[] crooked = EntropyMessages.EncodeQuestion(layout, 0, [new StripeRange(4, 1)]);
        Assert.Throws<MegatorrentException>(() => EntropyMessages.DecodeQuestion(crooked));
        Assert.Equal(
            UInt128.Parse("4852ABB982CC6ACB450B1D7FC36D6D6A", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture),
            RangeSum.Of(new BlobId(new byte[32]), new BlobId(Enumerable.Repeat((byte)255, 32).ToArray())));
    }

    private async Task<List<BlobId>> AllAsync()
    {
        var found = new List<BlobId>();
        for (int i = 0; i < Nodes; i++)
        {
            EntropyResult result = await CompareAsync(i);
            Assert.Null(result.Unknown);
            Assert.Equal(result.IsEqual, result.Different.Count == 0);
            found.AddRange(result.Different);
        }
        return found;
    }

    private async Task<EntropyResult> CompareAsync(int self, int differencesMax = 4096)
    {
        await _tables[self].UpdateAsync(_layout, CancellationToken.None);
        return await new EntropyComparison(_layout, _tables[self], self, differencesMax, AskAsync).RunAsync(CancellationToken.None);

        async ValueTask<byte[]> AskAsync(Member member, string name, byte[] question, CancellationToken cancellationToken)
        {
            int asked = _layout.IndexOf(member.Id);
            (_, int bits, StripeRange[] ranges) = EntropyMessages.DecodeQuestion(question);
            await _tables[asked].UpdateAsync(_layout, cancellationToken);
            if (name == EntropyMessages.RangeName)
            {
                (List<(BlobId Stripe, UInt128 Total)> held, bool isCut) = await _tables[asked].ListAsync(_layout, self, ranges, 4096, cancellationToken);
                return _tamper(asked, EntropyMessages.EncodeStripes(held, isCut));
            }
            RangeSum[] sums = [.. ranges.SelectMany(range => Enumerable.Range(0, 1 << bits).Select(part => _tables[asked].SumOf(_layout, self, range.Part(bits, part))))];
            return _tamper(asked, EntropyMessages.EncodeSums(sums));
        }
    }

    private async Task DeleteAtOwnerAsync(TestStripe stripe)
    {
        int owner = _layout.OwnerOf(stripe.Id);
        foreach (BlobId id in stripe.Descriptor.Ids.ToArray())
            await _stores[owner].DeleteAsync(id);
        await _stores[owner].DeleteDescriptorAsync(stripe.Id);
    }

    private async Task PutAsync(TestStripe stripe)
    {
        Member?[] places = Placement.Assign(stripe.Id, stripe.Descriptor.TotalBlobs, _members, Nodes, stripe.Descriptor.IsReplication);
        for (int i = 0; i < places.Length; i++)
            await PutAsync(stripe, stripe.Descriptor.IsReplication ? 0 : i, Array.IndexOf(_members, places[i]));
    }

    private async Task PutAsync(TestStripe stripe, int index, int node) =>
        await _stores[node].PutAsync(stripe.Descriptor.Ids[index], stripe.Blobs[index], stripe.Id, stripe.Descriptor.Encoded);

    private int Holder(TestStripe stripe, int index) => Array.FindIndex(_stores, store => store.Contains(stripe.Descriptor.Ids[index]));
}
