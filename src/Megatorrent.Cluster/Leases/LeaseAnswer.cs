using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The answer to <c>keep</c> and <c>forget</c>: the statement is durable there, and which blobs of each stripe the node holds. A stripe whose
/// descriptor it does not hold was passed over. Layout: docs/spec/garbage.md.
/// </summary>
/// <param name="Held">
/// For each stripe asked about, in order: null where the descriptor is not there; else which of the descriptor's ids are.
/// </param>
/// <param name="NewestSequence">The sequence number of the statement that holds now; higher than the one sent when that came too late.</param>
public sealed record LeaseAnswer(IReadOnlyList<bool[]?> Held, long NewestSequence)
{
    private const int Version = 1;
    private const int IdsMax = 255;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        var held = new List<byte>(Held.Count * 2);
        foreach (bool[]? stripe in Held)
        {
            held.Add((byte)(stripe?.Length ?? 0));
            for (int at = 0; at < stripe?.Length; at += 8)
            {
                int bits = 0;
                for (int i = at; i < Math.Min(at + 8, stripe.Length); i++)
                    bits |= stripe[i] ? 0x80 >> (i - at) : 0;
                held.Add((byte)bits);
            }
        }
        byte[] bytes = [.. held];
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("h");
            writer.WriteBytes(bytes);
            writer.WriteKey("n");
            writer.WriteInteger(NewestSequence);
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="stripes">How many stripes were asked about.</param>
    /// <exception cref="MegatorrentException">Malformed, or not about as many stripes.</exception>
    public static LeaseAnswer Decode(ReadOnlySpan<byte> source, int stripes)
    {
        List<bool[]?>? held = null;
        long newest = -1;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "lease answer");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("h"u8))
                held = ReadHeld(ref reader, stripes);
            else if (key.SequenceEqual("n"u8))
                newest = reader.ReadInteger(0, long.MaxValue);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return held?.Count == stripes && newest >= 0 && versioned
            ? new LeaseAnswer(held, newest)
            : throw reader.Malformed("it is not about the stripes that were asked about");
    }

    private static List<bool[]?> ReadHeld(ref BencodeReader reader, int stripes)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(stripes * (1 + ((IdsMax + 7) / 8)));
        var held = new List<bool[]?>(stripes);
        for (int at = 0; at < bytes.Length;)
        {
            int count = bytes[at++];
            if (count == 0)
            {
                held.Add(null);
                continue;
            }
            int length = (count + 7) / 8;
            if (length > bytes.Length - at)
                throw reader.Malformed("the bits of a stripe are cut short");
            var stripe = new bool[count];
            for (int i = 0; i < count; i++)
                stripe[i] = (bytes[at + (i / 8)] & (0x80 >> (i % 8))) != 0;
            held.Add(stripe);
            at += length;
        }
        return held;
    }
}
