using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Tests.Repairs;

/// <summary>
/// What one node deletes and, more important, what it does not: real stores for this node and, where two race, for a second; the other
/// members are dictionaries that answer, refuse or lie. Seeds are the stripes' numbers.
/// </summary>
public sealed class SurplusRemovalTests : IAsyncLifetime
{
    private const long WaitMs = 60_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("mt-surplus-").FullName;
    private readonly FakePeers _peers = new();
    private readonly TestLog _log = new(new Pulse());
    private readonly ManualTime _time = new();
    private readonly List<BlobStore> _stores = [];
    private Member[] _members = TestKeys.Members(7);
    private RepairContext _context = null!;

    private Member Self => _members[0];

    private BlobStore Store => _stores[0];

    public async Task InitializeAsync()
    {
        _context = await ContextAsync(Self, _peers);
        _peers.Answers = Honest;
    }

    public async Task DisposeAsync()
    {
        foreach (BlobStore store in _stores)
            await store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_blob_that_another_holds_in_its_place_goes_and_its_descriptor_with_it()
    {
        TestStripe stripe = await SpareAsync();
        CycleResult result = await CycleAsync(stripe);
        Assert.Equal(1, result.SurplusRemoved);
        Assert.False(Store.Contains(stripe.Descriptor.Ids[2]));
        Assert.False(Store.ContainsDescriptor(stripe.Id));
        (NodeId keeper, string name) = Assert.Single(_peers.Asked);
        Assert.Equal((Holder(stripe, 2).Id, SurplusMessages.ConfirmName), (keeper, name));
        Assert.Equal(1, _context.Surplus.Numbers.Removed);
    }

    [Fact]
    public void Nothing_goes_before_the_wait_is_over_and_a_change_of_the_membership_starts_it_anew()
    {
        var stripe = new TestStripe(1, 4, 2);
        _context.Surplus.Suspect(stripe.Id);
        _time.Advance(TimeSpan.FromMilliseconds(WaitMs - 1));
        Assert.Empty(_context.Surplus.TakeDue(10));
        Assert.Equal(TimeSpan.FromMilliseconds(1), _context.Surplus.UntilDue());
        _context.Surplus.Restart();
        _time.Advance(TimeSpan.FromMilliseconds(WaitMs - 1));
        Assert.Empty(_context.Surplus.TakeDue(10));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([stripe.Id], _context.Surplus.TakeDue(10));
        Assert.Null(_context.Surplus.UntilDue());
    }

    [Fact]
    public async Task A_blob_that_was_touched_lately_stays()
    {
        TestStripe stripe = await SpareAsync();
        BlobId blob = stripe.Descriptor.Ids[2];
        _context.Surplus.Touch(in blob);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(blob));
        _time.Advance(TimeSpan.FromMilliseconds(2 * WaitMs));
        Assert.Equal(1, (await CycleAsync(stripe)).SurplusRemoved);
    }

    [Fact]
    public async Task A_blob_touched_while_the_keeper_is_asked_stays()
    {
        TestStripe stripe = await SpareAsync();
        BlobId blob = stripe.Descriptor.Ids[2];
        _peers.Answers = (member, name, body) =>
        {
            byte[] answer = Honest(member, name, body);
            _context.Surplus.Touch(in blob); // a put that finds it here and stores nothing
            return answer;
        };
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(blob));
    }

    [Fact]
    public async Task A_liar_that_claims_a_blob_cannot_prove_it()
    {
        TestStripe stripe = await SpareAsync();
        _peers.Answers = static (_, _, _) => SurplusMessages.EncodeProof(new byte[32]);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
        Assert.Contains(_log.Lines, static line => line.Contains("cannot prove it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_old_proof_is_no_proof()
    {
        TestStripe stripe = await SpareAsync();
        byte[]? first = null;
        _peers.Answers = (member, name, body) => first ??= Honest(member, name, body);
        byte[] blob = stripe.Blobs[2];
        first = SurplusMessages.EncodeProof(SurplusMessages.Prove(new byte[SurplusMessages.NonceLength], blob)); // overheard once
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
    }

    [Fact]
    public async Task A_keeper_that_promises_nothing_leaves_the_blob_here()
    {
        TestStripe stripe = await SpareAsync();
        _peers.Answers = static (_, _, _) => SurplusMessages.EncodeProof(null);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        _peers.Answers = static (_, _, _) => throw new MegatorrentException(ErrorKind.Timeout, "no answer");
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_deletes_nothing()
    {
        TestStripe stripe = await SpareAsync();
        _peers.Answers = (member, name, body) =>
        {
            _time.Advance(SurplusLedger.ConfirmTimeout); // the keeper's promise still holds, but not for ever
            return Honest(member, name, body);
        };
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
    }

    [Fact]
    public async Task A_promise_to_another_keeps_the_blob()
    {
        TestStripe stripe = await SpareAsync();
        Assert.True(_context.Surplus.TryPromise(stripe.Descriptor.Ids[2]));
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.Empty(_peers.Asked);
        _time.Advance(SurplusLedger.PromiseTime);
        Assert.Equal(1, (await CycleAsync(stripe)).SurplusRemoved);
    }

    [Fact]
    public async Task Its_own_place_is_kept_whoever_else_holds_the_blob()
    {
        // This node is a place of the layout, and a member that is none holds the same blob.
        TestStripe stripe = Find(stripe => IsPlace(stripe, Self));
        Member[] places = Places(stripe);
        for (int i = 0; i < 6; i++)
            await GiveAsync(places[i], stripe, i);
        int own = Array.FindIndex(places, place => place.Id == Self.Id);
        await GiveAsync(_members.Single(member => !IsPlace(stripe, member)), stripe, own);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[own]));
        Assert.Empty(_peers.Asked);
    }

    [Fact]
    public async Task Nothing_goes_while_the_stripe_is_not_whole_without_it()
    {
        TestStripe stripe = await SpareAsync(without: 4);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
    }

    [Fact]
    public async Task Nothing_goes_in_a_partition()
    {
        TestStripe stripe = await SpareAsync();
        _peers.Silent.Add(Holder(stripe, 5).Id); // not even one that has nothing to do with the blob
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        _peers.Silent.Clear();

        Member gone = Holder(stripe, 5);
        Member[] all = _members;
        _members = [.. all.Select(member => member.Id == gone.Id ? new Member(member.Record, MemberState.Suspect, member.Since) : member)];
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        _members = [.. all.Select(member => member.Id == gone.Id ? new Member(member.Record, MemberState.Dead, member.Since) : member)];
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved); // within its grace time
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved); // and beyond: its blob is missing
        Assert.True(Store.Contains(stripe.Descriptor.Ids[2]));
        _members = all;
        Assert.Equal(1, (await CycleAsync(stripe)).SurplusRemoved);
    }

    [Fact]
    public async Task A_blob_of_two_stripes_stays()
    {
        TestStripe stripe = await SpareAsync();
        BlobId[] ids = stripe.Descriptor.Ids.ToArray();
        ids[0] = TestKeys.Stripe(4711);
        var other = new StripeDescriptor(2, ids, stripe.Descriptor.Lengths);
        await Store.PutDescriptorAsync(other.Id, other.Encoded);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(ids[2]));
    }

    [Fact]
    public async Task Of_two_members_with_the_same_surplus_only_the_worse_ranked_deletes()
    {
        _members = TestKeys.Members(8);
        TestStripe stripe = Find(stripe => !IsPlace(stripe, Self) && Placement.Rank(stripe.Id, _members)[6].Id == Self.Id);
        await PlaceAllAsync(stripe);
        Member worse = Placement.Rank(stripe.Id, _members)[7];
        await GiveAsync(Self, stripe, 3);
        await GiveAsync(worse, stripe, 3);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved); // this node has to wait for the other
        Assert.Empty(_peers.Asked);
        StripeSurvey survey = await SurveyAsync(stripe);
        var rule = new SurplusRule(survey, Spread.Over(survey.Descriptor.TotalBlobs, 8));
        Assert.Equal(3, rule.Choose(worse.Id)!.Value.Index);
        Assert.Null(rule.Choose(Self.Id));
        Assert.Equal(new[] { Self.Id, worse.Id }.Order(), rule.Holders().Select(static holder => holder.Id));
        _peers.Take(worse, stripe.Descriptor.Ids[3]);
        Assert.Equal(1, (await CycleAsync(stripe)).SurplusRemoved);
    }

    [Fact]
    public void Two_holders_that_take_each_other_for_the_keeper_delete_nothing()
    {
        // Each believes, by a view of its own, that the other keeps the blob: this is what promises are for.
        BlobId blob = TestKeys.Stripe(1);
        var one = new SurplusLedger(TimeSpan.FromMilliseconds(WaitMs), _time);
        var two = new SurplusLedger(TimeSpan.FromMilliseconds(WaitMs), _time);
        Assert.True(one.TryBeginDelete(blob));
        Assert.True(two.TryBeginDelete(blob));
        Assert.False(two.TryPromise(blob)); // what one asks of two
        Assert.False(one.TryPromise(blob)); // what two asks of one
        one.EndDelete(blob, null);
        Assert.True(one.TryPromise(blob));  // two asks again, and gets its promise
        Assert.False(one.TryBeginDelete(blob));
    }

    [Fact]
    public async Task Copies_beyond_the_number_go_when_all_the_others_prove_theirs()
    {
        TestStripe stripe = Find(stripe => !IsPlace(stripe, Self), data: 1);
        foreach (Member place in Places(stripe))
            await GiveAsync(place, stripe, 0);
        await GiveAsync(Self, stripe, 0);
        Member liar = Places(stripe)[1];
        _peers.Answers = (member, name, body) =>
            member.Id == liar.Id ? SurplusMessages.EncodeProof(new byte[32]) : Honest(member, name, body);
        Assert.Equal(0, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.True(Store.Contains(stripe.Id));
        _peers.Answers = Honest;
        Assert.Equal(1, (await CycleAsync(stripe)).SurplusRemoved);
        Assert.False(Store.Contains(stripe.Id));
    }

    [Fact]
    public async Task The_holder_of_surplus_is_told_by_whoever_is_responsible()
    {
        TestStripe stripe = Find(stripe => Placement.Rank(stripe.Id, _members)[0].Id == Self.Id);
        await PlaceAllAsync(stripe);
        Member spare = _members.Single(member => !IsPlace(stripe, member));
        await GiveAsync(spare, stripe, 4);
        BlobId[] hinted = [];
        _peers.Answers = (_, _, body) =>
        {
            hinted = SurplusMessages.DecodeHint(body.Span);
            return [];
        };
        CycleResult result = await new RepairCycle(_context, View(), new RepairRequest()).RunAsync(CancellationToken.None);
        Assert.Equal((1, 1, true), (result.Healthy, result.Surplus, result.FoundAllWell));
        Assert.Equal((spare.Id, SurplusMessages.HintName), Assert.Single(_peers.Asked));
        Assert.Equal([stripe.Id], hinted);
    }

    [Fact]
    public async Task A_blob_on_the_wrong_member_is_copied_to_its_place()
    {
        TestStripe stripe = Find(stripe => Placement.Rank(stripe.Id, _members)[0].Id == Self.Id);
        Member[] places = Places(stripe);
        Member stray = _members.Single(member => !IsPlace(stripe, member));
        for (int i = 0; i < 6; i++)
            await GiveAsync(i == 3 ? stray : places[i], stripe, i);
        CycleResult result = await new RepairCycle(_context, View(), new RepairRequest()).RunAsync(CancellationToken.None);
        Assert.Equal((1, 1, 0), (result.Healthy, result.BlobsRestored, result.Failed));
        Assert.Equal((places[3].Id, stripe.Descriptor.Ids[3]), Assert.Single(_peers.Stores));
        Assert.Single(_peers.Gets); // one blob, read once
        Assert.True(_peers.Holds(stray, stripe.Descriptor.Ids[3])); // moved by copy: it goes as surplus, later
    }

    // A stripe that stands where it should, of which this node, which is no place of it, holds blob 2 too.
    private async Task<TestStripe> SpareAsync(int without = -1)
    {
        TestStripe stripe = Find(stripe => !IsPlace(stripe, Self));
        await PlaceAllAsync(stripe, without);
        await GiveAsync(Self, stripe, 2);
        return stripe;
    }

    private async Task PlaceAllAsync(TestStripe stripe, int without = -1)
    {
        Member[] places = Places(stripe);
        for (int i = 0; i < 6; i++)
        {
            if (i != without)
                await GiveAsync(places[i], stripe, i);
        }
    }

    private TestStripe Find(Func<TestStripe, bool> fits, int data = 4)
    {
        for (ulong seed = 1; ; seed++)
        {
            var stripe = new TestStripe(seed, data, 2);
            if (fits(stripe))
                return stripe;
        }
    }

    private Member[] Places(TestStripe stripe) =>
    [
        .. Placement.Assign(
            stripe.Id, stripe.Descriptor.TotalBlobs, _members, _members.Length, stripe.Descriptor.IsReplication).Select(static place => place!),
    ];

    private bool IsPlace(TestStripe stripe, Member member) => Array.Exists(Places(stripe), place => place.Id == member.Id);

    private Member Holder(TestStripe stripe, int index) =>
        _members.Single(member => member.Id != Self.Id && _peers.Holds(member, stripe.Descriptor.Ids[index]));

    private async Task GiveAsync(Member member, TestStripe stripe, int index)
    {
        if (member.Id == Self.Id)
        {
            await Store.PutAsync(stripe.Descriptor.Ids[index], stripe.Blobs[index], stripe.Id, stripe.Descriptor.Encoded);
            return;
        }
        _peers.Put(member, stripe.Descriptor.Ids[index], stripe.Blobs[index]);
        _peers.PutDescriptor(member, stripe.Id, stripe.Descriptor.Encoded);
    }

    private byte[] Honest(Member member, string name, ReadOnlyMemory<byte> body)
    {
        if (name != SurplusMessages.ConfirmName)
            return [];
        (_, BlobId blob, byte[] nonce) = SurplusMessages.DecodeConfirm(body.Span);
        return SurplusMessages.EncodeProof(_peers.Find(member, blob) is { } bytes ? SurplusMessages.Prove(nonce, bytes) : null);
    }

    private ClusterView View() => new(_members, 1);

    private async Task<CycleResult> CycleAsync(TestStripe stripe) => await new RepairCycle(
        _context, View(), new RepairRequest { Only = new HashSet<BlobId>(), Surplus = new HashSet<BlobId> { stripe.Id } })
        .RunAsync(CancellationToken.None);

    private async Task<StripeSurvey> SurveyAsync(TestStripe stripe)
    {
        var view = new CycleView(_context, View(), _time.GetUtcNow(), ignoreGrace: false);
        StripeSurvey survey = view.Survey(stripe.Descriptor);
        await view.AskAllAsync([survey], CancellationToken.None);
        return survey;
    }

    private async Task<RepairContext> ContextAsync(Member self, IRepairPeers peers)
    {
        BlobStore store = await BlobStore.OpenAsync(
            PhysicalFileSystem.Instance, Path.Combine(_folder, $"{_stores.Count}"),
            new BlobStoreOptions { Executor = InlineExecutor.Instance }, CancellationToken.None);
        _stores.Add(store);
        var options = new RepairOptions { SurplusWaitMs = WaitMs };
        return new RepairContext
        {
            Options = options,
            Self = self.Id,
            Store = store,
            Peers = peers,
            Time = _time,
            Executor = InlineExecutor.Instance,
            Log = new EventLog(_log, _time, self.Id),
            Progress = new RepairProgress(_time),
            Sources = new SourceLoad(self.Id, _time),
            Surplus = new SurplusLedger(TimeSpan.FromMilliseconds(WaitMs), _time),
            Random = new SeededRandomSource(7),
            Rate = new RateLimiter(0, _time),
            Memory = new MemoryBudget(options.MemoryBytes),
            Young = new YoungStripes(TimeSpan.FromMilliseconds(options.PutSettleMs), _time),
            Full = new FullMembers(_time),
        };
    }
}
