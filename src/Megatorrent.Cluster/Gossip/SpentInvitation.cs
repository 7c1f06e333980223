using System.Buffers.Binary;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>An invitation that was exchanged for a certificate; remembered and passed on until it expires.</summary>
/// <param name="Nonce">The invitation's 16-byte nonce, as a 128-bit big-endian number.</param>
/// <param name="Expires">When the invitation ends, and with it this entry.</param>
/// <param name="Subject">Who used it. The same subject may ask again: its reply may have been lost.</param>
internal readonly record struct SpentInvitation(UInt128 Nonce, DateTimeOffset Expires, NodeId Subject)
{
    /// <summary>The nonce of an invitation as a number.</summary>
    public static UInt128 NonceOf(Invitation invitation) => BinaryPrimitives.ReadUInt128BigEndian(invitation.Nonce);
}
