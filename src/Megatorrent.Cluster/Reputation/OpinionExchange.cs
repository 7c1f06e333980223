using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// Some opinions in one message, one half of a push-pull (docs/spec/reputation.md, "Exchange").
/// </summary>
internal static class OpinionExchange
{
    /// <summary>The most bytes of opinions in a message: below the limit of the wire, with room for its frame.</summary>
    public const int MaxLength = 192 * 1024;

    private const int MaxCount = 1024;
    private const int Version = 1;

    /// <summary>Encodes as many of the opinions, in their order, as fit.</summary>
    public static byte[] Encode(IEnumerable<Opinion> opinions) => BencodeWriter.Encode(writer =>
    {
        int left = MaxLength;
        writer.BeginDictionary();
        writer.WriteKey("o");
        writer.BeginList();
        foreach (Opinion opinion in opinions.Take(MaxCount))
        {
            byte[] encoded = opinion.Encode();
            if ((left -= encoded.Length) < 0)
                break;
            writer.WriteBytes(encoded);
        }
        writer.End();
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a message; the signatures are not checked.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static List<Opinion> Decode(ReadOnlySpan<byte> source)
    {
        var opinions = new List<Opinion>();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "exchange of opinions");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("o"u8))
            {
                reader.BeginList();
                while (reader.TryReadItem())
                {
                    if (opinions.Count == MaxCount)
                        throw reader.Malformed($"more than {MaxCount} opinions");
                    opinions.Add(Opinion.Decode(reader.ReadBytes(Opinion.MaxLength)));
                }
            }
            else if (key.SequenceEqual("v"u8))
            {
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            }
            else
            {
                reader.SkipValue();
            }
        }
        reader.ReadEndOfDocument();
        return versioned ? opinions : throw reader.Malformed("the version is missing");
    }
}
