using System.Runtime.CompilerServices;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>
/// Every stripe of an object, manifests included, from the public parts alone. Where a manifest cannot be read the walk does not go below it:
/// that the manifest's own stripe is lost is what the caller will see.
/// </summary>
internal sealed class StripeWalker(StripeLocator locator, StripeFetcher fetcher)
{
    /// <summary>Whether a manifest that cannot be read is an error, NotEnoughBlobs.</summary>
    public bool IsStrict { get; init; }

    public async IAsyncEnumerable<StripeDescriptor> WalkAsync(
        StripeDescriptor root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await TryReadAsync(root, cancellationToken) is not { } manifest)
        {
            yield return root;
            yield break;
        }

        await foreach (StripeDescriptor stripe in WalkAsync(root, manifest, cancellationToken))
            yield return stripe;
    }

    /// <summary>As above, where the manifest of the root is at hand.</summary>
    public async IAsyncEnumerable<StripeDescriptor> WalkAsync(
        StripeDescriptor root, Manifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return root;
        foreach (ManifestStream stream in manifest.Streams)
        {
            foreach (StripeDescriptor node in stream.Nodes)
            {
                if (stream.Depth == 0)
                {
                    yield return node;
                    continue;
                }

                await foreach (StripeDescriptor below in WalkAsync(node, cancellationToken))
                    yield return below;
            }
        }
    }

    private async ValueTask<Manifest?> TryReadAsync(StripeDescriptor node, CancellationToken cancellationToken)
    {
        try
        {
            using BlobSet set = await fetcher.FetchDataAsync(await locator.LocateAsync(node, cancellationToken), 0, 1, cancellationToken);
            return Manifest.ReadPublic(set[0].Span);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotEnoughBlobs && !IsStrict)
        {
            return null;
        }
    }
}
