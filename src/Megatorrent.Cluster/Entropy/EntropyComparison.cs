using Megatorrent.Core;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// One comparison of the stripes that this node compares: asks every other member for its sum over all of them; where the sums of all do
/// not add up to what the stripes should have, it goes down, sixteen parts at a time, to the stripes that differ.
/// </summary>
internal sealed class EntropyComparison
{
    private const int LeafStripes = 16; // so few are listed rather than divided again: 768 bytes a member
    private const int Bits = EntropyMessages.MaxBits;
    private const int Parts = 1 << Bits;
    private const int ListedMax = EntropyMessages.MaxStripes / 2; // stripes asked for at once, by the counts; some may be new

    private readonly EntropyLayout _layout;
    private readonly EntropyTable _table;
    private readonly int _self;
    private readonly int _differencesMax;
    private readonly Func<Member, string, byte[], CancellationToken, ValueTask<byte[]>> _ask;
    private readonly EntropyResult _result = new();

    /// <summary>Prepares a comparison.</summary>
    /// <param name="layout">The layout; this node is in it.</param>
    /// <param name="table">What this node holds, up to date for the layout.</param>
    /// <param name="self">This node's index in the layout.</param>
    /// <param name="differencesMax">Ranges or stripes that are followed at most.</param>
    /// <param name="ask">Asks a member.</param>
    public EntropyComparison(
        EntropyLayout layout, EntropyTable table, int self, int differencesMax,
        Func<Member, string, byte[], CancellationToken, ValueTask<byte[]>> ask)
    {
        _layout = layout;
        _table = table;
        _self = self;
        _differencesMax = differencesMax;
        _ask = ask;
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask<EntropyResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            RangeSum[] everything = await SumAsync([StripeRange.Everything], 0, cancellationToken);
            _result.IsEqual = everything[0].Total == 0;
            if (!_result.IsEqual && await DescendAsync(cancellationToken) is { } leaves)
                await ListAsync(leaves, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _result.Unknown = exception.Message;
        }
        return _result;
    }

    private async ValueTask<List<(StripeRange Range, long Stripes)>?> DescendAsync(CancellationToken cancellationToken)
    {
        var leaves = new List<(StripeRange Range, long Stripes)>();
        List<StripeRange> open = [StripeRange.Everything];
        while (open.Count > 0)
        {
            var deeper = new List<StripeRange>();
            foreach (StripeRange[] part in open.Chunk(EntropyMessages.MaxRanges))
            {
                RangeSum[] sums = await SumAsync(part, Bits, cancellationToken);
                for (int i = 0; i < sums.Length; i++)
                {
                    if (sums[i].Total == 0)
                        continue;
                    StripeRange range = part[i / Parts].Part(Bits, i % Parts);
                    if (sums[i].Stripes <= LeafStripes || range.Depth >= StripeRange.DepthMax)
                        leaves.Add((range, sums[i].Stripes));
                    else
                        deeper.Add(range);
                }
                if (leaves.Count + deeper.Count > _differencesMax)
                {
                    _result.IsTooMuch = true;
                    return null;
                }
            }
            open = deeper;
        }
        return leaves;
    }

    private async ValueTask ListAsync(List<(StripeRange Range, long Stripes)> leaves, CancellationToken cancellationToken)
    {
        var part = new List<StripeRange>();
        long stripes = 0;
        foreach ((StripeRange range, long count) in leaves)
        {
            if (part.Count == EntropyMessages.MaxRanges || (part.Count > 0 && stripes + count > ListedMax))
            {
                await ListPartAsync(part, cancellationToken);
                part.Clear();
                stripes = 0;
            }
            part.Add(range);
            stripes += count;
        }
        if (part.Count > 0)
            await ListPartAsync(part, cancellationToken);
    }

    private async ValueTask ListPartAsync(List<StripeRange> ranges, CancellationToken cancellationToken)
    {
        byte[] question = EntropyMessages.EncodeQuestion(_layout.Name, 0, ranges);
        (List<(BlobId Stripe, UInt128 Total)> own, bool isCut) =
            await _table.ListAsync(_layout, _self, ranges, EntropyMessages.MaxStripes, cancellationToken);
        var totals = new Dictionary<BlobId, UInt128>();
        Add(own);
        foreach (byte[] answer in await AskAllAsync(EntropyMessages.RangeName, question, cancellationToken))
        {
            (List<(BlobId Stripe, UInt128 Total)> stripes, bool more) = EntropyMessages.DecodeStripes(answer) ?? throw OtherLayout();
            isCut |= more;
            Add(stripes.FindAll(stripe => ranges.Exists(range => Contains(range, stripe.Stripe))));
        }
        if (isCut)
            throw new MegatorrentException(ErrorKind.LimitExceeded, "more stripes are in a range than one answer takes");
        _result.Different.AddRange(totals.Where(static pair => pair.Value != 0).Select(static pair => pair.Key));

        void Add(List<(BlobId Stripe, UInt128 Total)> stripes)
        {
            foreach ((BlobId stripe, UInt128 total) in stripes)
                totals[stripe] = unchecked(totals.GetValueOrDefault(stripe) + total);
        }
    }

    private static bool Contains(StripeRange range, BlobId stripe)
    {
        ulong key = StripeRange.KeyOf(in stripe);
        return key >= range.Prefix && key <= range.Last;
    }

    // The sums of all members together, and the most stripes that any of them has there.
    private async ValueTask<RangeSum[]> SumAsync(IReadOnlyList<StripeRange> ranges, int bits, CancellationToken cancellationToken)
    {
        var sums = new RangeSum[ranges.Count << bits];
        for (int i = 0; i < sums.Length; i++)
            sums[i] = _table.SumOf(_layout, _self, ranges[i >> bits].Part(bits, i & ((1 << bits) - 1)));
        byte[] question = EntropyMessages.EncodeQuestion(_layout.Name, bits, ranges);
        foreach (byte[] answer in await AskAllAsync(EntropyMessages.DigestName, question, cancellationToken))
        {
            RangeSum[] told = EntropyMessages.DecodeSums(answer, sums.Length) ?? throw OtherLayout();
            for (int i = 0; i < sums.Length; i++)
                sums[i] = new RangeSum(unchecked(sums[i].Total + told[i].Total), Math.Max(sums[i].Stripes, told[i].Stripes));
        }
        return sums;
    }

    private async ValueTask<byte[][]> AskAllAsync(string name, byte[] question, CancellationToken cancellationToken)
    {
        byte[][] answers = await Task.WhenAll(_layout.Members
            .Where((_, index) => index != _self)
            .Select(member => _ask(member, name, question, cancellationToken).AsTask()));
        _result.Questions += answers.Length;
        foreach (byte[] answer in answers)
            _result.Bytes += question.Length + answer.Length;
        return answers;
    }

    private static MegatorrentException OtherLayout() => new(ErrorKind.Unsupported, "a member sees another layout");
}
