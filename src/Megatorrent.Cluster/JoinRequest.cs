using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// An invitation shown by a peer that has no certificate yet. The subject is the key that the session authenticated, so it is not in here.
/// Layout: docs/spec/cluster.md, "Join".
/// </summary>
/// <param name="Invitation">The invitation.</param>
public sealed record JoinRequest(Invitation Invitation)
{
    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        writer.BeginDictionary();
        writer.WriteKey("i");
        writer.WriteBytes(Invitation.Encoded);
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.End();
    });

    /// <summary>Reads a request; the invitation is decoded, not validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static JoinRequest Decode(ReadOnlySpan<byte> source)
    {
        Invitation? invitation = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "join");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("i"u8))
                invitation = Invitation.Decode(reader.ReadBytes(Invitation.MaxEncodedLength));
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return invitation is not null && versioned
            ? new JoinRequest(invitation)
            : throw reader.Malformed("the invitation or the version is missing");
    }
}
