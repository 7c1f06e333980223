using System.Runtime.CompilerServices;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Reads manifests and streams of one object: stripes in order, several on their way at once, within a budget of memory.</summary>
internal sealed class ObjectReader(ClusterDirectory directory, ClientOptions options)
{
    // Stripes whose holders are asked for in one question.
    private const int StripesPerQuestion = 32;

    private readonly StripeLocator _locator = new(directory, hurried: true);

    public StripeFetcher Fetcher { get; } = new(directory, options);

    /// <summary>Fetches and opens the root manifest.</summary>
    public ValueTask<Manifest> OpenAsync(Capability capability, CancellationToken cancellationToken) =>
        OpenAsync(capability.Root, capability.Key.ToArray(), cancellationToken);

    /// <summary>
    /// The bytes of a stream from <paramref name="from"/> up to <paramref name="to"/>, in order. Each piece is the reader's to dispose.
    /// </summary>
    public async IAsyncEnumerable<PlainStripe> ReadAsync(
        ManifestStream stream, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<(Task<PlainStripe> Piece, long Bytes)>();
        long bytesUnderWay = 0;
        try
        {
            await foreach (var (stripe, holders) in LocatedAsync(stream, from, to, stop.Token))
            {
                // Sealed blobs and opened chunks of a stripe are in memory together.
                long bytes = (2 * stripe.Length) + (stripe.Descriptor.ParityShards * (long)stripe.Descriptor.ShardLength);
                while (underWay.Count > 0 && bytesUnderWay + bytes > options.BytesUnderWayMax)
                {
                    bytesUnderWay -= underWay.Peek().Bytes;
                    yield return await underWay.Dequeue().Piece;
                }

                underWay.Enqueue((FetchAsync(stripe, holders, from, to, stop.Token), bytes));
                bytesUnderWay += bytes;
            }

            while (underWay.Count > 0)
                yield return await underWay.Dequeue().Piece;
        }
        finally
        {
            stop.Cancel();
            foreach (var (piece, _) in underWay)
                await DiscardAsync(piece);
        }
    }

    /// <summary>Reads a whole stream that must fit in memory.</summary>
    /// <exception cref="MegatorrentException">LimitExceeded: it is longer than <paramref name="lengthMax"/> bytes.</exception>
    public async ValueTask<byte[]> ReadAllAsync(ManifestStream stream, int lengthMax, CancellationToken cancellationToken)
    {
        if (stream.Length > lengthMax)
            throw new MegatorrentException(ErrorKind.LimitExceeded, $"A list of {stream.Length} bytes is over the limit of {lengthMax}.");
        var bytes = new byte[stream.Length];
        await foreach (PlainStripe piece in ReadAsync(stream, 0, bytes.Length, cancellationToken))
        {
            using (piece)
                piece.Bytes.CopyTo(bytes.AsMemory((int)piece.Offset));
        }

        return bytes;
    }

    private async ValueTask<Manifest> OpenAsync(StripeDescriptor descriptor, byte[] key, CancellationToken cancellationToken)
    {
        StripeHolders holders = await _locator.LocateAsync(descriptor, cancellationToken);
        using BlobSet set = await Fetcher.FetchDataAsync(holders, 0, 1, cancellationToken);
        return Manifest.Open(set[0].Span, key);
    }

    private async IAsyncEnumerable<(StripeRef Stripe, StripeHolders Holders)> LocatedAsync(
        ManifestStream stream, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StripeRef[] batch in WalkAsync(stream, 0, from, to, cancellationToken).Chunked(StripesPerQuestion))
        {
            StripeHolders[] holders = await _locator.LocateAsync([.. batch.Select(static stripe => stripe.Descriptor)], cancellationToken);
            for (int i = 0; i < batch.Length; i++)
                yield return (batch[i], holders[i]);
        }
    }

    // The stripes of a stream that touch [from, to), in order; child manifests are fetched as they are reached.
    private async IAsyncEnumerable<StripeRef> WalkAsync(
        ManifestStream stream, long offset, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int blob = 0;
        foreach (StripeDescriptor node in stream.Nodes)
        {
            long[] lengths = [.. stream.Lengths.Skip(blob).Take(node.DataShards)];
            ReadOnlyMemory<byte> keys = stream.Keys.Slice(blob * AeadCipher.KeyLength, node.DataShards * AeadCipher.KeyLength);
            blob += node.DataShards;
            long length = lengths.Sum();
            if (offset < to && offset + length > from)
            {
                if (stream.Depth == 0)
                {
                    yield return new StripeRef(offset, node, keys, lengths);
                }
                else
                {
                    ManifestStream child = await OpenChildAsync(stream.Depth, node, keys, length, cancellationToken);
                    await foreach (StripeRef stripe in WalkAsync(child, offset, from, to, cancellationToken))
                        yield return stripe;
                }
            }

            offset += length;
        }
    }

    private async ValueTask<ManifestStream> OpenChildAsync(
        int depth, StripeDescriptor node, ReadOnlyMemory<byte> key, long length, CancellationToken cancellationToken)
    {
        Manifest child = await OpenAsync(node, key.ToArray(), cancellationToken);
        return child.Kind == ManifestKind.Node && child.Streams[0].Depth == depth - 1 && child.Streams[0].Length == length
            ? child.Streams[0]
            : throw new MegatorrentException(ErrorKind.Integrity, "A part of the manifest contradicts the part above it.");
    }

    private async Task<PlainStripe> FetchAsync(StripeRef stripe, StripeHolders holders, long from, long to, CancellationToken cancellationToken)
    {
        // Only the chunks that the range touches are fetched: a healthy read of a range asks one node.
        int first = 0;
        long start = stripe.Offset;
        while (start + stripe.Lengths[first] <= from)
            start += stripe.Lengths[first++];
        int last = first;
        long end = start + stripe.Lengths[first];
        while (last + 1 < stripe.Lengths.Length && end < to)
            end += stripe.Lengths[++last];

        using BlobSet set = await Fetcher.FetchDataAsync(holders, first, last - first + 1, cancellationToken);
        BlobLease plain = await options.Executor.RunAsync(
            static state => Unseal(state.set, state.stripe, state.first, state.last, state.length),
            (set, stripe, first, last, length: (int)(end - start)), cancellationToken);
        int skip = (int)(Math.Max(from, start) - start);
        int length = (int)(Math.Min(to, end) - start) - skip;
        return new PlainStripe(start + skip, plain, skip, length);
    }

    private static BlobLease Unseal(BlobSet set, StripeRef stripe, int first, int last, int length)
    {
        BlobLease plain = BlobLease.Rent(length);
        try
        {
            Span<byte> rest = plain.Memory.Span;
            for (int i = first; i <= last; i++)
            {
                int opened = BlobSealer.Open(
                    set[i].Span, stripe.Keys.Span.Slice(i * AeadCipher.KeyLength, AeadCipher.KeyLength), rest[..(int)stripe.Lengths[i]]);
                if (opened != stripe.Lengths[i])
                    throw new MegatorrentException(ErrorKind.Integrity, "A chunk is shorter than the manifest says.");
                rest = rest[opened..];
            }

            return plain;
        }
        catch (ArgumentException exception)
        {
            plain.Dispose();
            throw new MegatorrentException(ErrorKind.Integrity, "A chunk is longer than the manifest says.", exception);
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }

    private static async ValueTask DiscardAsync(Task<PlainStripe> piece)
    {
        try
        {
            (await piece).Dispose();
        }
        catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
        {
            // It was wanted no more; the failure that ended the read is the one that counts.
        }
    }
}
