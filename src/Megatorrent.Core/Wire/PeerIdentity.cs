using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Who is at the other end of a session, after the handshake proved it: the key is theirs, and the certificate, if there is one, was valid
/// when the session began. Immutable and thread-safe.
/// </summary>
public sealed class PeerIdentity
{
    /// <summary>Describes a peer.</summary>
    /// <param name="publicKey">The peer's Ed25519 public key, 32 bytes; not copied.</param>
    /// <param name="certificate">The peer's certificate, validated; null when it showed none and may only ask to join.</param>
    /// <param name="protocolVersion">The version that both sides speak.</param>
    /// <exception cref="ArgumentException">A key of another length, or a certificate of another key.</exception>
    public PeerIdentity(byte[] publicKey, Certificate? certificate, int protocolVersion = HandshakePayload.CurrentVersion)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        if (publicKey.Length != Ed25519.PublicKeyLength)
            throw new ArgumentException($"A public key is {Ed25519.PublicKeyLength} bytes, not {publicKey.Length}.", nameof(publicKey));
        if (certificate is not null && !certificate.SubjectKey.AsSpan().SequenceEqual(publicKey))
            throw new ArgumentException("The certificate is of another key.", nameof(certificate));
        PublicKey = publicKey;
        Id = NodeId.Of(publicKey);
        Certificate = certificate;
        ProtocolVersion = protocolVersion;
    }

    /// <summary>The peer's id.</summary>
    public NodeId Id { get; }

    /// <summary>The peer's Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The peer's certificate; null when it showed none.</summary>
    public Certificate? Certificate { get; }

    /// <summary>The peer's role; null when it showed no certificate.</summary>
    public Role? Role => Certificate?.Role;

    /// <summary>The version of the protocol that both sides speak.</summary>
    public int ProtocolVersion { get; }

    /// <summary>The role and the id in short.</summary>
    public override string ToString() => $"{Role?.ToText() ?? "stranger"} {Id.ToShortString()}";
}
