using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// What each side says about itself inside the Noise handshake: its Ed25519 identity, the identity's signature over the X25519 key that the
/// handshake proves, its certificate, and the protocol versions it speaks. Layout: docs/spec/noise.md.
/// </summary>
public static class HandshakePayload
{
    /// <summary>The protocol version of this build.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The longest payload, in bytes: the longest certificate, two keys' worth of proof and the versions.</summary>
    public const int MaxEncodedLength = Certificate.MaxEncodedLength + 512;

    /// <summary>The most versions that a peer may offer: more than will ever be alive at once.</summary>
    public const int MaxVersions = 16;

    private static readonly byte[] Context = "megatorrent noise static v1\0"u8.ToArray();
    private static readonly int[] Supported = [CurrentVersion];

    /// <summary>The protocol versions that this build speaks, ascending.</summary>
    public static ReadOnlySpan<int> SupportedVersions => Supported;

    /// <summary>Makes our payload.</summary>
    /// <param name="identity">Who we are; signs.</param>
    /// <param name="certificate">Our certificate; null when we have none and want to join.</param>
    /// <param name="staticKey">Our X25519 public key in this handshake, 32 bytes.</param>
    /// <exception cref="ArgumentException">A key of another length, or a certificate of another identity.</exception>
    public static byte[] Create(Identity identity, Certificate? certificate, ReadOnlySpan<byte> staticKey) =>
        Create(identity, certificate, staticKey, Supported);

    /// <summary>Makes our payload, offering the versions that are named.</summary>
    /// <param name="identity">Who we are; signs.</param>
    /// <param name="certificate">Our certificate; null when we have none and want to join.</param>
    /// <param name="staticKey">Our X25519 public key in this handshake, 32 bytes.</param>
    /// <param name="versions">1 to <see cref="MaxVersions"/> positive numbers, ascending.</param>
    /// <exception cref="ArgumentException">A key of another length, a certificate of another identity, or no such versions.</exception>
    public static byte[] Create(Identity identity, Certificate? certificate, ReadOnlySpan<byte> staticKey, ReadOnlySpan<int> versions)
    {
        ArgumentNullException.ThrowIfNull(identity);
        CheckLength(staticKey, X25519.KeyLength, nameof(staticKey));
        if (certificate is not null && !identity.PublicKey.SequenceEqual(certificate.SubjectKey))
            throw new ArgumentException("The certificate is of another identity.", nameof(certificate));
        if (versions.Length is 0 or > MaxVersions || versions[0] < 1 || !IsAscending(versions))
            throw new ArgumentException($"Versions are 1 to {MaxVersions} ascending positive numbers.", nameof(versions));
        var signature = new byte[Ed25519.SignatureLength];
        Span<byte> message = stackalloc byte[Context.Length + X25519.KeyLength];
        ComposeSigned(staticKey, message);
        identity.Key.Sign(message, signature);

        byte[] publicKey = identity.PublicKey.ToArray();
        int[] offered = versions.ToArray();
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            if (certificate is not null)
            {
                writer.WriteKey("c");
                writer.WriteBytes(certificate.Encoded);
            }
            writer.WriteKey("k");
            writer.WriteBytes(publicKey);
            writer.WriteKey("s");
            writer.WriteBytes(signature);
            writer.WriteKey("v");
            writer.BeginList();
            foreach (int version in offered)
                writer.WriteInteger(version);
            writer.End();
            writer.End();
        });
    }

    /// <summary>Checks the other side's payload and says who it is.</summary>
    /// <param name="payload">The payload as the handshake delivered it.</param>
    /// <param name="remoteStatic">The X25519 key that the handshake proved, 32 bytes.</param>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">A key of another length.</exception>
    /// <exception cref="MegatorrentException">
    /// Malformed: the payload does not parse. Unauthorized: the identity is not proved, or the certificate is not valid, with the reason.
    /// Unsupported: no version in common.
    /// </exception>
    public static PeerIdentity Validate(
        ReadOnlySpan<byte> payload, ReadOnlySpan<byte> remoteStatic, ReadOnlySpan<byte> clusterKey, DateTimeOffset now) =>
        Validate(payload, remoteStatic, clusterKey, now, Supported);

    /// <summary>Checks the other side's payload against the versions that we speak, and says who it is.</summary>
    /// <param name="payload">The payload as the handshake delivered it.</param>
    /// <param name="remoteStatic">The X25519 key that the handshake proved, 32 bytes.</param>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <param name="versions">The versions that we offered; the highest that both offered becomes the session's.</param>
    /// <exception cref="ArgumentException">A key of another length.</exception>
    /// <exception cref="MegatorrentException">As for the other overload.</exception>
    public static PeerIdentity Validate(
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> remoteStatic,
        ReadOnlySpan<byte> clusterKey,
        DateTimeOffset now,
        ReadOnlySpan<int> versions)
    {
        CheckLength(remoteStatic, X25519.KeyLength, nameof(remoteStatic));
        CheckLength(clusterKey, Ed25519.PublicKeyLength, nameof(clusterKey));
        Parts parts = Decode(payload);
        Span<byte> message = stackalloc byte[Context.Length + X25519.KeyLength];
        ComposeSigned(remoteStatic, message);
        string shown = NodeId.Of(parts.PublicKey).ToShortString();
        if (!Ed25519.Verify(parts.PublicKey, message, parts.Signature))
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"The peer did not prove that it is {shown}: its signature over the session's key is wrong.");
        }

        int version = Choose(versions, parts.Versions);
        if (parts.Certificate is not null)
        {
            if (!parts.Certificate.SubjectKey.AsSpan().SequenceEqual(parts.PublicKey))
            {
                throw new MegatorrentException(ErrorKind.Unauthorized,
                    $"The peer {shown} shows the certificate of another ({parts.Certificate.Subject.ToShortString()}).");
            }
            parts.Certificate.Validate(clusterKey, now);
        }
        return new PeerIdentity(parts.PublicKey, parts.Certificate, version);
    }

    private static Parts Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxEncodedLength)
            throw Malformed($"it is {payload.Length} bytes long, the limit is {MaxEncodedLength}");
        var reader = new BencodeReader(payload, maxDepth: 2, "handshake");
        Certificate? certificate = null;
        byte[]? publicKey = null, signature = null;
        int[]? versions = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'c']: certificate = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength)); break;
                case [(byte)'k']: publicKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                case [(byte)'s']: signature = reader.ReadBytesExact(Ed25519.SignatureLength).ToArray(); break;
                case [(byte)'v']: versions = ReadVersions(ref reader); break;
                default: throw reader.UnknownKey(key);
            }
        }
        reader.ReadEndOfDocument();
        return new Parts(
            certificate,
            publicKey ?? throw Malformed("the entry 'k' is missing"),
            signature ?? throw Malformed("the entry 's' is missing"),
            versions ?? throw Malformed("the entry 'v' is missing"));
    }

    private static int[] ReadVersions(ref BencodeReader reader)
    {
        var versions = new List<int>();
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (versions.Count == MaxVersions)
                throw reader.Malformed($"more than {MaxVersions} versions");
            versions.Add((int)reader.ReadInteger(1, int.MaxValue));
            if (versions.Count > 1 && versions[^1] <= versions[^2])
                throw reader.Malformed("the versions are not ascending");
        }
        if (versions.Count == 0)
            throw reader.Malformed("no versions");
        return [.. versions];
    }

    private static int Choose(ReadOnlySpan<int> ours, ReadOnlySpan<int> theirs)
    {
        int best = 0;
        foreach (int version in ours)
        {
            if (version > best && theirs.Contains(version))
                best = version;
        }
        if (best > 0)
            return best;
        string advice = theirs[^1] > ours[^1] ? "update this side" : "update the peer";
        throw new MegatorrentException(ErrorKind.Unsupported,
            $"No protocol version in common: we speak {Show(ours)}, the peer {Show(theirs)}; {advice}.");
    }

    private static string Show(ReadOnlySpan<int> versions) => string.Join(", ", versions.ToArray());

    private static bool IsAscending(ReadOnlySpan<int> versions)
    {
        for (int i = 1; i < versions.Length; i++)
        {
            if (versions[i] <= versions[i - 1])
                return false;
        }
        return true;
    }

    private static void ComposeSigned(ReadOnlySpan<byte> staticKey, Span<byte> message)
    {
        Context.CopyTo(message);
        staticKey.CopyTo(message[Context.Length..]);
    }

    private static void CheckLength(ReadOnlySpan<byte> key, int length, string name)
    {
        if (key.Length != length)
            throw new ArgumentException($"The key is {length} bytes, not {key.Length}.", name);
    }

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"handshake: {fault}.");

    private readonly record struct Parts(Certificate? Certificate, byte[] PublicKey, byte[] Signature, int[] Versions);
}
