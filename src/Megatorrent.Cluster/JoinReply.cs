using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>What an invitation is exchanged for. Layout: docs/spec/cluster.md, "Join".</summary>
/// <param name="Certificate">Issued by the node that was asked, under the invitation.</param>
/// <param name="View">The members it knows; not validated when decoded.</param>
public sealed record JoinReply(Certificate Certificate, ClusterView View)
{
    private const int Version = 1;

    /// <summary>The canonical encoding, at most 256 KiB: of a very large cluster, not every member.</summary>
    public byte[] Encode()
    {
        // The view is bounded to what one opaque message holds; the certificate has to fit beside it.
        byte[] view = View.Encode(ClusterView.MaxEncodedLength - Certificate.MaxEncodedLength - 256);
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("c");
            writer.WriteBytes(Certificate.Encoded);
            writer.WriteKey("m");
            writer.WriteBytes(view);
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads a reply; neither certificate nor members are validated.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static JoinReply Decode(ReadOnlySpan<byte> source)
    {
        Certificate? certificate = null;
        ClusterView? view = null;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "join reply");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("c"u8))
                certificate = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength));
            else if (key.SequenceEqual("m"u8))
                view = ClusterView.Decode(reader.ReadBytes(ClusterView.MaxEncodedLength));
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return certificate is not null && view is not null && versioned
            ? new JoinReply(certificate, view)
            : throw reader.Malformed("the certificate, the members or the version is missing");
    }
}
