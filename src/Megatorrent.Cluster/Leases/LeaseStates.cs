using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The answer to <c>lease-state</c>, which a member asks before it deletes: what the node knows of each stripe, and its clock. Layout:
/// docs/spec/garbage.md.
/// </summary>
/// <param name="States">One for each stripe asked about.</param>
/// <param name="ClockUnixMs">The node's clock.</param>
internal sealed record LeaseStates(IReadOnlyList<StripeState> States, long ClockUnixMs)
{
    /// <summary>The question's name; its body is a <see cref="LeaseQuery"/> without digests.</summary>
    public const string QuestionName = "lease-state";

    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("c");
        writer.WriteBytes(States.Select(static state => (byte)state).ToArray());
        writer.WriteKey("t");
        writer.WriteInteger(ClockUnixMs);
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads an answer.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="stripes">How many stripes were asked about.</param>
    /// <exception cref="MegatorrentException">Malformed, or not about as many stripes, or a state that is not known here.</exception>
    public static LeaseStates Decode(ReadOnlySpan<byte> source, int stripes)
    {
        byte[]? states = null;
        long clock = -1;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease states");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("c"u8))
                states = reader.ReadBytesExact(stripes).ToArray();
            else if (key.SequenceEqual("t"u8))
                clock = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return states is not null && clock >= 0 && versioned && Array.TrueForAll(states, static state => state <= (byte)StripeState.Orphan)
            ? new LeaseStates(Array.ConvertAll(states, static state => (StripeState)state), clock)
            : throw reader.Malformed("the states, the clock or the version is missing");
    }
}
