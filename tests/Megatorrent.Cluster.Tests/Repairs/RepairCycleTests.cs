using System.Collections.Concurrent;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Tests.Repairs;

/// <summary>One node's cycles with members that are silent, full or lie. This node is member 0; its store is a real one.</summary>
public sealed class RepairCycleTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mt-repair-").FullName;
    private readonly FakePeers _peers = new();
    private readonly TestLog _log = new(new Pulse());
    private readonly ManualTime _time = new();
    private Member[] _members = TestKeys.Members(6);
    private BlobStore _store = null!;
    private YoungStripes? _young;
    private SurplusLedger? _surplus;
    private RepairProgress? _progress;
    private ulong _seed = 1000;

    private Member Self => _members[0];

    public async Task InitializeAsync() => _store = await BlobStore.OpenAsync(
        PhysicalFileSystem.Instance, _folder, new BlobStoreOptions { Executor = InlineExecutor.Instance }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_blob_that_is_not_what_it_should_be_is_noticed_and_not_used()
    {
        TestStripe stripe = await PlaceAsync(4, 2, without: 5);
        Member liar = OtherHolders(stripe)[0];
        Member spare = _members.Single(m => m.Id != Self.Id && !OtherHolders(stripe).Contains(m));
        _peers.Liars.Add(liar.Id);
        CycleResult result = await CycleAsync();
        Assert.Equal((1, 1, 0), (result.Endangered, result.BlobsRestored, result.Failed));
        Assert.Equal((spare.Id, stripe.Descriptor.Ids[5]), Assert.Single(_peers.Stores));
        (NodeId member, BlobId id, NoticeKind kind) = Assert.Single(_peers.Notices);
        Assert.Equal((liar.Id, NoticeKind.Corrupt), (member, kind));

        _peers.Liars.Clear(); // the liar dropped it; the next cycle makes that good too
        Assert.False(_peers.Holds(liar, id));
        Assert.Equal(1, (await CycleAsync()).BlobsRestored);
        Assert.True(_peers.Holds(liar, id));
        Assert.True((await CycleAsync()).FoundAllWell);
    }

    [Fact]
    public async Task A_descriptor_that_contradicts_itself_restores_nothing()
    {
        var honest = new TestStripe(1, 4, 2);
        BlobId[] ids = honest.Descriptor.Ids.ToArray();
        StripeDescriptor lie;
        int name = 0;
        do
        {
            ids[5] = TestKeys.Stripe(name++); // no blob of this name can come out of the other five
            lie = new StripeDescriptor(2, ids, honest.Descriptor.Lengths);
        }
        while (Placement.Rank(lie.Id, _members)[0].Id != Self.Id);
        Member[] ranked = Order(lie.Id);
        for (int i = 0; i < 5; i++)
            await GiveAsync(ranked[i], lie, ids[i], honest.Blobs[i]);
        CycleResult result = await CycleAsync();
        Assert.Equal((1, 0, 1), (result.Endangered, result.BlobsRestored, result.Failed));
        Assert.Empty(_peers.Stores);
        Assert.Contains(_log.Lines, line => line.Contains("contradicts itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Repair_reads_k_blobs_and_writes_what_is_missing_and_no_more()
    {
        _members = TestKeys.Members(8);
        TestStripe stripe = await PlaceAsync(4, 2, without: 5);
        Assert.Equal(1, (await CycleAsync()).BlobsRestored);
        Assert.Equal(3, _peers.Gets.Count); // its own is the fourth
        Assert.Equal(stripe.Descriptor.Ids[5], Assert.Single(_peers.Stores).Id);
        Assert.Equal(1, (await CycleAsync()).Healthy);
        Assert.Equal((3, 1), (_peers.Gets.Count, _peers.Stores.Count));
    }

    [Fact]
    public async Task A_cycle_over_single_stripes_looks_at_no_other_and_acts_whoever_is_responsible()
    {
        TestStripe stripe = await PlaceAsync(4, 2, seed: SeedWhere(first => first.Id != Self.Id), selfFirst: false, without: 5);
        await PlaceAsync(4, 2, without: 5);
        CycleResult result = await CycleAsync(request: new RepairRequest { Only = new HashSet<BlobId> { stripe.Id } });
        Assert.Equal((1, 0, 1), (result.Known, result.Responsible, result.BlobsRestored));
        Assert.Equal(stripe.Descriptor.Ids[5], Assert.Single(_peers.Stores).Id);
    }

    [Fact]
    public async Task A_full_member_is_passed_over_for_another()
    {
        _members = TestKeys.Members(8);
        TestStripe stripe = await PlaceAsync(4, 2, without: 5);
        IEnumerable<Member> spare = Placement.Rank(stripe.Id, _members).Where(m => m.Id != Self.Id && !OtherHolders(stripe).Contains(m));
        Member first = spare.First();
        _peers.Full.Add(first.Id);
        CycleResult result = await CycleAsync();
        Assert.Equal((1, 0), (result.BlobsRestored, result.Failed));
        (NodeId taker, BlobId id) = Assert.Single(_peers.Stores);
        Assert.NotEqual(first.Id, taker);
        Assert.Equal(stripe.Descriptor.Ids[5], id);
    }

    [Fact]
    public async Task A_stripe_that_waits_for_a_full_member_is_looked_at_when_that_may_be_asked_again()
    {
        TestStripe stripe = await PlaceAsync(4, 2, without: 5);
        RepairContext context = Context(new RepairOptions());
        context.Full.Add(_members.Single(m => m.Id != Self.Id && !OtherHolders(stripe).Contains(m)).Id);
        var results = new ConcurrentQueue<CycleResult>();
        using var completed = new SemaphoreSlim(0);
        await using var service = new RepairService(context, View);
        service.CycleCompleted += result =>
        {
            results.Enqueue(result);
            completed.Release();
        };
        service.Start();
        CycleResult first = await NextAsync();
        Assert.Equal((1, 0), (first.Waiting, first.BlobsRestored));
        while ((await NextAsync()).BlobsRestored == 0)
        {
            // Long before the period of an hour: a cycle too few is a timeout.
        }

        async Task<CycleResult> NextAsync()
        {
            for (int i = 0; i < 60; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                if (await completed.WaitAsync(TimeSpan.FromMilliseconds(20)))
                    return results.TryDequeue(out CycleResult? result) ? result : throw new InvalidOperationException("No result.");
            }
            throw new TimeoutException("No cycle within ten minutes.");
        }
    }

    [Fact]
    public async Task A_living_member_that_does_not_answer_is_no_reason_to_rebuild()
    {
        _members = TestKeys.Members(8);
        TestStripe stripe = await PlaceAsync(4, 2);
        _peers.Silent.Add(OtherHolders(stripe)[2].Id);
        CycleResult result = await CycleAsync();
        Assert.Equal((1, 1, 0, 1), (result.Responsible, result.Waiting, result.BlobsRestored, result.Unreachable));
        Assert.False(result.FoundAllWell);
        Assert.True(result.WantsAnother);
    }

    [Fact]
    public async Task The_most_endangered_stripes_come_first()
    {
        _members = TestKeys.Members(9);
        TestStripe[] stripes = new TestStripe[9];
        for (int i = 0; i < 9; i++)
            stripes[i] = await PlaceAsync(4, 2, without: i % 3 == 0 ? [5] : i % 3 == 1 ? [4, 5] : [3, 5]);
        CycleResult result = await CycleAsync(new RepairOptions { Concurrency = 1 });
        Assert.Equal(15, result.BlobsRestored);
        int[] order =
            [.. _peers.Stores.Select(store => Array.FindIndex(stripes, s => s.Descriptor.Ids.Contains(store.Id)) % 3 == 0 ? 1 : 0)];
        Assert.Equal(order.Order(), order); // those that lack two before those that lack one
    }

    [Fact]
    public async Task Only_the_first_living_holder_in_rank_acts()
    {
        for (ulong seed = 1; seed < 40; seed++)
            await PlaceAsync(4, 2, seed, selfFirst: false, without: 5);
        CycleResult result = await CycleAsync();
        Assert.InRange(result.Known, 20, 39);
        Assert.InRange(result.Responsible, 1, result.Known / 2); // about a sixth
        Assert.Equal(result.Responsible, result.BlobsRestored);
    }

    [Fact]
    public async Task A_loss_that_only_this_node_knows_of_is_made_good_by_it()
    {
        TestStripe stripe = await PlaceAsync(4, 2, seed: SeedWhere(first => first.Id != Self.Id), selfFirst: false);
        BlobId own = stripe.Descriptor.Ids.ToArray().Single(_store.Contains);
        await _store.DeleteAsync(own);
        CycleResult usual = await CycleAsync();
        Assert.Equal((0, 0), (usual.Responsible, usual.BlobsRestored)); // another's to repair, in its own time
        CycleResult result = await CycleAsync(request: new RepairRequest { LostBlobs = new HashSet<BlobId> { own } });
        Assert.Equal((0, 1), (result.Responsible, result.BlobsRestored));
        Assert.True(await _store.CheckAsync(own));
    }

    [Fact]
    public async Task A_descriptor_lost_here_is_fetched_from_another_holder()
    {
        TestStripe stripe = await PlaceAsync(4, 2);
        await _store.DeleteDescriptorAsync(stripe.Id);
        _peers.PutDescriptor(OtherHolders(stripe)[0], stripe.Id, new TestStripe(99, 4, 2).Descriptor.Encoded); // one lies about it
        CycleResult result = await CycleAsync(request: new RepairRequest { LostStripes = new HashSet<BlobId> { stripe.Id } });
        Assert.Equal((1, 1), (result.DescriptorsRestored, result.Responsible));
        Assert.True(_store.ContainsDescriptor(stripe.Id));
        Assert.Equal(
            0, (await CycleAsync(request: new RepairRequest { LostStripes = new HashSet<BlobId> { stripe.Id } })).DescriptorsRestored);
    }

    [Fact]
    public async Task Holders_get_the_descriptor_only_when_they_lack_it()
    {
        await PlaceAsync(4, 2);
        Assert.Equal(0, (await CycleAsync(request: new RepairRequest { CheckDescriptors = true })).DescriptorsRestored);
        Member bare = _members[1];
        var other = new TestStripe(500, 1, 1);
        await GiveAsync(Self, other.Descriptor, other.Id, other.Blobs[0]);
        _peers.Put(bare, other.Id, other.Blobs[0]);
        Assert.Equal(1, (await CycleAsync(request: new RepairRequest { CheckDescriptors = true })).DescriptorsRestored);
        Assert.True(_peers.HoldsDescriptor(bare, other.Id));
    }

    [Fact]
    public async Task Small_memory_and_single_file_still_finish()
    {
        _members = TestKeys.Members(8);
        for (int i = 0; i < 10; i++)
            await PlaceAsync(4, 2, without: [0, 5]);
        CycleResult result = await CycleAsync(new RepairOptions { MemoryBytes = 1, Concurrency = 8, BatchStripes = 3 });
        Assert.Equal((10, 20, 0), (result.Endangered, result.BlobsRestored, result.Failed));
    }

    [Fact]
    public async Task A_stripe_that_a_client_is_storing_is_left_alone_for_a_moment()
    {
        TestStripe stripe = await PlaceAsync(4, 2, without: 5);
        Context(new RepairOptions());
        _young!.Add(stripe.Id);
        _time.Advance(TimeSpan.FromMilliseconds(4000));
        _young.Add(stripe.Id); // another of its blobs: it is no younger for that
        CycleResult early = await CycleAsync();
        Assert.Equal((1, 1, 0, 0), (early.Known, early.Young, early.Responsible, early.BlobsRestored));
        Assert.False(early.FoundAllWell);
        _time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.Equal(1, (await CycleAsync()).BlobsRestored);
    }

    [Fact]
    public async Task A_cycle_can_be_cut_at_any_time()
    {
        await PlaceAsync(4, 2, without: 5);
        using var cut = new CancellationTokenSource();
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new RepairCycle(Context(new RepairOptions()), View(), new RepairRequest()).RunAsync(cut.Token));
        Assert.Empty(_peers.Stores);
    }

    [Fact]
    public async Task Repair_keeps_its_rate()
    {
        var limiter = new RateLimiter(1000, _time);
        await limiter.AcquireAsync(1000, CancellationToken.None); // what a second may move is there at once
        Task waiting = limiter.AcquireAsync(500, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        await new RateLimiter(0, _time).AcquireAsync(long.MaxValue, CancellationToken.None);
    }

    [Fact]
    public async Task The_memory_budget_serves_in_order_and_lets_the_largest_through_alone()
    {
        var budget = new MemoryBudget(100);
        Assert.Equal(60, await budget.TakeAsync(60, CancellationToken.None));
        Task<long> large = budget.TakeAsync(1000, CancellationToken.None).AsTask();
        Task<long> small = budget.TakeAsync(10, CancellationToken.None).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted);
        budget.Return(60);
        Assert.Equal(100, await large.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(small.IsCompleted);
        using var gone = new CancellationTokenSource();
        Task<long> cancelled = budget.TakeAsync(5, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        budget.Return(100);
        Assert.Equal(10, await small.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private ClusterView View() => new(_members, 1);

    private Member[] Order(BlobId stripe)
    {
        IReadOnlyList<Member> ranked = Placement.Rank(stripe, _members);
        return [Self, .. ranked.Where(m => m.Id != Self.Id)];
    }

    private List<Member> OtherHolders(TestStripe stripe) =>
        [.. _members.Where(m => m.Id != Self.Id && stripe.Descriptor.Ids.ToArray().Any(id => _peers.Holds(m, id)))];

    private ulong SeedWhere(Func<Member, bool> first)
    {
        do
        {
            _seed++;
        }
        while (!first(Placement.Rank(new TestStripe(_seed, 4, 2).Id, _members)[0]));
        return _seed;
    }

    // A stripe over the members, this node first unless said otherwise (then it is only if the rank says so).
    private Task<TestStripe> PlaceAsync(int data, int parity, ulong? seed = null, bool selfFirst = true, params int[] without) =>
        PlaceAsync(new TestStripe(seed ?? SeedWhere(first => first.Id == Self.Id), data, parity), selfFirst, without);

    private async Task<TestStripe> PlaceAsync(TestStripe stripe, bool selfFirst, int[] without)
    {
        Member[] order = selfFirst ? Order(stripe.Id) : [.. Placement.Rank(stripe.Id, _members)];
        for (int i = 0; i < stripe.Blobs.Length; i++)
        {
            if (!without.Contains(i))
                await GiveAsync(order[without.Contains(0) && i == 1 ? 0 : i], stripe.Descriptor, stripe.Descriptor.Ids[i], stripe.Blobs[i]);
        }
        return stripe;
    }

    private async Task GiveAsync(Member member, StripeDescriptor descriptor, BlobId id, byte[] blob)
    {
        if (member.Id == Self.Id)
        {
            await _store.PutAsync(id, blob, descriptor.Id, descriptor.Encoded);
            return;
        }
        _peers.Put(member, id, blob);
        _peers.PutDescriptor(member, descriptor.Id, descriptor.Encoded);
    }

    private async Task<CycleResult> CycleAsync(RepairOptions? options = null, RepairRequest? request = null) =>
        await new RepairCycle(Context(options ?? new RepairOptions()), View(), request ?? new RepairRequest()).RunAsync(
            CancellationToken.None);

    private RepairContext Context(RepairOptions options) => new()
    {
        Options = options,
        Self = Self.Id,
        Store = _store,
        Peers = _peers,
        Time = _time,
        Executor = InlineExecutor.Instance,
        Log = new EventLog(_log, _time, Self.Id),
        Progress = _progress ??= new RepairProgress(_time),
        Sources = new SourceLoad(Self.Id, _time),
        Surplus = _surplus ??= new SurplusLedger(TimeSpan.FromMilliseconds(options.SurplusWaitMs), _time),
        Random = new SeededRandomSource(7),
        Rate = new RateLimiter(options.BytesPerSecond, _time),
        Memory = new MemoryBudget(options.MemoryBytes),
        Young = _young ??= new YoungStripes(TimeSpan.FromMilliseconds(options.PutSettleMs), _time),
        Full = new FullMembers(_time),
    };
}
