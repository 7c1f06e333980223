using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>When a node record is believed.</summary>
internal static class RecordRules
{
    /// <summary>
    /// Null when the record holds (signed by its own key, certified as a node by the cluster, not expired); otherwise why not.
    /// </summary>
    /// <param name="record">The record from outside.</param>
    /// <param name="clusterKey">The cluster's Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time to judge the certificate by.</param>
    public static string? Refusal(NodeRecord record, ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        try
        {
            record.Validate(clusterKey, now);
            return null;
        }
        catch (MegatorrentException exception)
        {
            return exception.Message;
        }
    }
}
