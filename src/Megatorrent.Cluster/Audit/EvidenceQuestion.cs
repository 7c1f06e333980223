using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Asks a node since when the blobs of some stripes are known to be good. Layout: docs/spec/audit.md, "Evidence". Immutable.
/// </summary>
public static class EvidenceQuestion
{
    /// <summary>The name of the call (<see cref="NodeQuestion"/>).</summary>
    public const string Name = "evidence";

    /// <summary>Stripes in one question: of the widest stripes an answer is then 131 KB.</summary>
    public const int StripesMax = 64;

    private const int FormatVersion = 1;

    /// <summary>The question as the body of a status request.</summary>
    /// <param name="stripes">Stripe ids, 1 to <see cref="StripesMax"/>.</param>
    /// <exception cref="ArgumentException">None, or too many.</exception>
    public static byte[] Encode(IReadOnlyList<BlobId> stripes)
    {
        ArgumentNullException.ThrowIfNull(stripes);
        if (stripes.Count is < 1 or > StripesMax)
            throw new ArgumentException($"A question is about 1 to {StripesMax} stripes, not {stripes.Count}.", nameof(stripes));
        var ids = new byte[stripes.Count * BlobId.Length];
        for (int i = 0; i < stripes.Count; i++)
            stripes[i].CopyTo(ids.AsSpan(i * BlobId.Length));
        byte[] body = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("s");
            writer.WriteBytes(ids);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
        return new NodeQuestion(Name, body).Encode();
    }

    /// <summary>Reads the body of a question.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    internal static BlobId[] DecodeBody(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> ids = default;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "evidence question");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'s']: ids = reader.ReadBytes(StripesMax * BlobId.Length); break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        if (!versioned || ids.IsEmpty || ids.Length % BlobId.Length != 0)
            throw reader.Malformed("the stripes or the version are missing");
        var stripes = new BlobId[ids.Length / BlobId.Length];
        for (int i = 0; i < stripes.Length; i++)
            stripes[i] = new BlobId(ids.Slice(i * BlobId.Length, BlobId.Length));
        return stripes;
    }
}
