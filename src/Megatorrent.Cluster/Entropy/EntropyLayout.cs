using System.Buffers.Binary;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// Which member compares which stripe: the first of the stripe's rank among the living. Members that see the same living members with the
/// same weights come to the same layout, and know by its name that they do. Immutable.
/// </summary>
internal sealed class EntropyLayout
{
    /// <summary>Bytes of <see cref="Name"/>.</summary>
    public const int NameLength = 16;

    /// <summary>Takes the layout of a view.</summary>
    public EntropyLayout(ClusterView view)
    {
        Members = view.Living;
        var bytes = new byte[Members.Count * (NodeId.Length + sizeof(long))];
        for (int i = 0; i < Members.Count; i++)
        {
            Span<byte> entry = bytes.AsSpan(i * (NodeId.Length + sizeof(long)));
            Members[i].Id.CopyTo(entry);
            BinaryPrimitives.WriteInt64BigEndian(entry[NodeId.Length..], Members[i].Weight);
        }
        var hash = new byte[Sha256.HashLength];
        Sha256.Hash(bytes, hash);
        Name = hash[..NameLength];
    }

    /// <summary>The living members, by id.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>The first 16 bytes of the SHA-256 of every member's id and weight.</summary>
    public byte[] Name { get; }

    /// <summary>The index in <see cref="Members"/> of the one that compares the stripe.</summary>
    public int OwnerOf(BlobId stripe) => Placement.First(stripe, Members);

    /// <summary>The index of a member; -1 when it is not one.</summary>
    public int IndexOf(NodeId id)
    {
        for (int i = 0; i < Members.Count; i++)
        {
            if (Members[i].Id == id)
                return i;
        }
        return -1;
    }
}
