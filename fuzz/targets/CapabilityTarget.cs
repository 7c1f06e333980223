using System.Text;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Capabilities: one has one text, and both ways to read it agree.</summary>
[Covers(typeof(Capability))]
internal sealed class CapabilityTarget() : FuzzTarget("capability")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.Latin1.GetString(input);
        Capability capability = Capability.Parse(text);
        FuzzFailure.Unless(capability.ToString() == text.Trim(), $"'{text}' is printed as '{capability}'");

        Span<byte> key = stackalloc byte[32];
        bool reads = Capability.Decode(text, out BlobId root, out int rootLength, out int parityShards, key);
        FuzzFailure.Unless(
            reads == capability.CanRead && root == capability.Root.Ids[0] && rootLength == capability.Root.ShardLength
                && parityShards == capability.Root.ParityShards && (!reads || key.SequenceEqual(capability.Key)),
            "Parse and Decode differ");
    }
}
