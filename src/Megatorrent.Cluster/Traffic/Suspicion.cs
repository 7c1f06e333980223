using System.Globalization;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Traffic;

/// <summary>Why a peer is flagged. Immutable.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Feature">What is odd.</param>
/// <param name="Value">What was seen; for rare events how often in how many, as a share.</param>
/// <param name="Expected">What is usual.</param>
/// <param name="Score">How far beyond: sigmas, or the logarithm of the likelihood ratio.</param>
/// <param name="Since">Since when the peer is flagged.</param>
/// <param name="Until">Until when, if nothing more happens.</param>
internal sealed record Suspicion(
    NodeId Peer, Feature Feature, double Value, double Expected, double Score, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>The feature's name in texts and documents.</summary>
    public static string NameOf(Feature feature) => feature switch
    {
        Feature.Questions => "questions",
        Feature.Refusals => "refusals",
        Feature.NotFounds => "not-founds",
        Feature.Repeats => "repeats",
        Feature.Prefixes => "prefixes",
        Feature.Shape => "shape",
        Feature.Bytes => "bytes",
        Feature.BadStores => "bad-stores",
        Feature.WrongBlobs => "wrong-blobs",
        _ => "withheld",
    };

    /// <summary>The feature, the value, what is expected and the score.</summary>
    public string Reason => string.Create(
        CultureInfo.InvariantCulture, $"{NameOf(Feature)} {Value:0.###} where {Expected:0.###} is usual (score {Score:0.0})");
}
