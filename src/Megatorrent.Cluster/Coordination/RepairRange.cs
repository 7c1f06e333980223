using System.Globalization;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Coordination;

/// <summary>The stripes whose ids begin with one byte: what a repair lease is about.</summary>
/// <param name="First">The first byte of the ids.</param>
internal readonly record struct RepairRange(byte First)
{
    /// <summary>How many ranges there are.</summary>
    public const int Count = 256;

    /// <summary>The range of a stripe.</summary>
    public static RepairRange Of(BlobId stripe) => new(BlobId.AsSpan(in stripe)[0]);

    /// <summary>Two hexadecimal digits.</summary>
    public override string ToString() => First.ToString("x2", CultureInfo.InvariantCulture);
}
