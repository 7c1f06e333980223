using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Coordination;

/// <summary>Which layout a node has, in few bytes: what gossip carries, so that who has an older one asks for it.</summary>
/// <param name="Epoch">The layout's epoch.</param>
/// <param name="Hash">Its hash.</param>
internal readonly record struct LayoutHead(long Epoch, BlobId Hash)
{
    /// <summary>The head of a layout; null is epoch 0.</summary>
    public static LayoutHead Of(SignedLayout? layout) =>
        new(layout?.Layout.Epoch ?? 0, new BlobId((layout?.Layout ?? ClusterLayout.Empty).Hash));

    /// <summary>The higher epoch, and of the same epoch the greater hash.</summary>
    public bool Supersedes(LayoutHead other) => Epoch != other.Epoch ? Epoch > other.Epoch : Hash.CompareTo(other.Hash) > 0;

    /// <summary>Writes a dictionary: e epoch, h hash.</summary>
    public void Write(BencodeWriter writer)
    {
        writer.BeginDictionary();
        writer.WriteKey("e");
        writer.WriteInteger(Epoch);
        writer.WriteKey("h");
        BlobId hash = Hash;
        writer.WriteBytes(BlobId.AsSpan(in hash));
        writer.End();
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="Core.MegatorrentException">Malformed.</exception>
    public static LayoutHead Read(ref BencodeReader reader)
    {
        long epoch = -1;
        BlobId? hash = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("e"u8))
                epoch = reader.ReadInteger(0, long.MaxValue);
            else if (key.SequenceEqual("h"u8))
                hash = new BlobId(reader.ReadBytesExact(BlobId.Length));
            else
                reader.SkipValue();
        }
        return epoch >= 0 && hash is { } given ? new LayoutHead(epoch, given) : throw reader.Malformed("a layout without epoch or hash");
    }
}
