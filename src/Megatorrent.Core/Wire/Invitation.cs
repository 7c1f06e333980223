using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// A short-lived token that any node of a cluster exchanges for a certificate: who holds it may join. Signed by the cluster's key or by an
/// admin. Immutable and thread-safe. Layout: docs/spec/certificate.md.
/// </summary>
public sealed class Invitation
{
    /// <summary>What an invitation's text starts with.</summary>
    public const string TextPrefix = "mtinv1:";

    /// <summary>The longest encoding, in bytes: three, and four bare certificates, fit in the longest certificate.</summary>
    public const int MaxEncodedLength = 1024;

    /// <summary>The most endpoints in an invitation: enough to find one living node, few enough to keep it short.</summary>
    public const int MaxEndpoints = 8;

    /// <summary>Bytes in the nonce, by which nodes can tell invitations apart.</summary>
    public const int NonceLength = 16;

    /// <summary>The longest life that a certificate may get from an invitation, in seconds: ten years.</summary>
    public const long MaxCertificateLifetimeSeconds = 10L * 366 * 24 * 3600;

    private static readonly byte[] Context = "megatorrent invitation v1\0"u8.ToArray();

    private readonly int _signatureOffset;
    private readonly byte[] _nonce;
    private readonly string[] _endpoints;

    private Invitation(byte[] encoded, Fields fields, int signatureOffset)
    {
        Encoded = encoded;
        _signatureOffset = signatureOffset;
        _nonce = fields.Nonce;
        _endpoints = fields.Endpoints;
        ClusterKey = fields.ClusterKey;
        Role = fields.Role;
        Expires = fields.Expires;
        CertificateLifetime = TimeSpan.FromSeconds(fields.LifetimeSeconds);
        Issuer = fields.Issuer;
    }

    /// <summary>The encoding, canonical. Not to be written to.</summary>
    public byte[] Encoded { get; }

    /// <summary>The cluster: its Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public byte[] ClusterKey { get; }

    /// <summary>The role of the certificate that it is exchanged for; never admin in a valid invitation.</summary>
    public Role Role { get; }

    /// <summary>The first second at which it can no longer be exchanged.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>How long the certificate will last, from the second of the exchange.</summary>
    public TimeSpan CertificateLifetime { get; }

    /// <summary>16 random bytes, different in every invitation.</summary>
    public ReadOnlySpan<byte> Nonce => _nonce;

    /// <summary>Nodes to take it to, each <c>host:port</c>; at most <see cref="MaxEndpoints"/>.</summary>
    public IReadOnlyList<string> Endpoints => _endpoints;

    /// <summary>The certificate of the admin who signed it; null when the cluster's key did.</summary>
    public Certificate? Issuer { get; }

    /// <summary>Makes an invitation.</summary>
    /// <param name="signer">The admin's key, or the cluster's when <paramref name="adminCertificate"/> is null.</param>
    /// <param name="adminCertificate">The admin's certificate, which the cluster's key signed; or null.</param>
    /// <param name="role">Reader, writer or node.</param>
    /// <param name="expires">Until when it can be exchanged; cut to the second.</param>
    /// <param name="certificateLifetime">How long the certificate will last; cut to the second, 1 s to ten years.</param>
    /// <param name="endpoints">Nodes to take it to, each <c>host:port</c>; may be empty.</param>
    /// <param name="random">Where its nonce comes from.</param>
    /// <exception cref="ArgumentException"><paramref name="adminCertificate"/> is not about <paramref name="signer"/>.</exception>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the signer is no admin, or the role is admin. InvalidArgument: a lifetime out of range, an endpoint that is none, too
    /// many or too long endpoints.
    /// </exception>
    public static Invitation Create(
        SigningKey signer,
        Certificate? adminCertificate,
        Role role,
        DateTimeOffset expires,
        TimeSpan certificateLifetime,
        IReadOnlyList<string> endpoints,
        IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(random);
        _ = role.ToText(); // a value outside the enumeration throws here
        if (role == Role.Admin)
            throw Unauthorized("Admins are not invited; make the certificate with the cluster's key.");
        if (adminCertificate is not null)
        {
            if (!signer.PublicKey.SequenceEqual(adminCertificate.SubjectKey))
                throw new ArgumentException("The certificate is not about the key that signs.", nameof(adminCertificate));
            if (!adminCertificate.Role.MayAdminister())
                throw Unauthorized($"A {adminCertificate.Role.ToText()} may not make invitations; ask an admin of the cluster.");
        }
        long lifetimeSeconds = (long)certificateLifetime.TotalSeconds;
        if (lifetimeSeconds is < 1 or > MaxCertificateLifetimeSeconds)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"A certificate may last 1 second to {MaxCertificateLifetimeSeconds} seconds, not {lifetimeSeconds}.");
        }
        var fields = new Fields
        {
            ClusterKey = adminCertificate?.ClusterKey ?? signer.PublicKey.ToArray(),
            Role = role,
            Expires = WireText.ToSeconds(expires),
            LifetimeSeconds = lifetimeSeconds,
            Nonce = new byte[NonceLength],
            Endpoints = EndpointList.Check(endpoints, MaxEndpoints),
            Issuer = adminCertificate,
        };
        random.Fill(fields.Nonce);
        byte[] encoded = SignedDocument.Sign(signer, Context, (writer, signature) => Write(writer, fields, signature));
        if (encoded.Length > MaxEncodedLength)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"The invitation would be {encoded.Length} bytes long, the limit is {MaxEncodedLength}; name fewer endpoints.");
        }
        return Decode(encoded);
    }

    /// <summary>Reads an invitation. The form is checked, no signature and no date: see <see cref="Validate"/>.</summary>
    /// <param name="encoded">The whole encoding, at most <see cref="MaxEncodedLength"/> bytes; copied.</param>
    /// <exception cref="MegatorrentException">Malformed: what is wrong, and where.</exception>
    public static Invitation Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length > MaxEncodedLength)
            throw Malformed($"it is {encoded.Length} bytes long, the limit is {MaxEncodedLength}");
        var reader = new BencodeReader(encoded, maxDepth: 2, "invitation");
        Role? role = null;
        DateTimeOffset? expires = null;
        long? lifetimeSeconds = null;
        byte[]? clusterKey = null, nonce = null;
        string[]? endpoints = null;
        Certificate? issuer = null;
        int? signatureOffset = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                // Only the cluster's key makes admins, so an admin's certificate has no issuer: a chain of one.
                case [(byte)'a']: issuer = Certificate.Decode(reader.ReadBytes(MaxEncodedLength), chainLengthMax: 1); break;
                case [(byte)'c']: clusterKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                case [(byte)'e']: expires = WireText.ReadTime(ref reader); break;
                case [(byte)'l']: lifetimeSeconds = reader.ReadInteger(1, MaxCertificateLifetimeSeconds); break;
                case [(byte)'n']: nonce = reader.ReadBytesExact(NonceLength).ToArray(); break;
                case [(byte)'p']: endpoints = EndpointList.Read(ref reader, MaxEndpoints); break;
                case [(byte)'r']: role = WireText.ReadRole(ref reader); break;
                case [(byte)'s']: signatureOffset = SignedDocument.ReadEntry(ref reader); break;
                default: throw reader.UnknownKey(key);
            }
        }
        reader.ReadEndOfDocument();
        var fields = new Fields
        {
            ClusterKey = clusterKey ?? throw Missing("c"),
            Role = role ?? throw Missing("r"),
            Expires = expires ?? throw Missing("e"),
            LifetimeSeconds = lifetimeSeconds ?? throw Missing("l"),
            Nonce = nonce ?? throw Missing("n"),
            Endpoints = endpoints ?? throw Missing("p"),
            Issuer = issuer,
        };
        return new Invitation(encoded.ToArray(), fields, signatureOffset ?? throw Missing("s"));
    }

    /// <summary>Reads the text that <see cref="ToText"/> gives; white space around it is ignored.</summary>
    /// <exception cref="MegatorrentException">Malformed: what is wrong with it.</exception>
    public static Invitation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Decode(WireText.FromText(text, TextPrefix, "invitation", MaxEncodedLength));
    }

    /// <summary>The text to hand out: <c>mtinv1:</c> and base64url. Whoever has it can join until it expires.</summary>
    public string ToText() => WireText.ToText(TextPrefix, Encoded);

    /// <summary>Checks the cluster, the issuer, the signature, the role and the date.</summary>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException"><paramref name="clusterKey"/> is not 32 bytes long.</exception>
    /// <exception cref="MegatorrentException">Unauthorized: what is wrong, and what to do about it.</exception>
    public void Validate(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        ValidateIssuer(clusterKey, now);
        if (now >= Expires)
            throw Unauthorized($"The invitation expired on {WireText.Show(Expires)}; {AskAdmin}");
    }

    /// <summary>Checks everything but the invitation's own date: a certificate made from it outlives it.</summary>
    internal void ValidateIssuer(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        Certificate.CheckClusterKey(clusterKey);
        if (!clusterKey.SequenceEqual(ClusterKey))
        {
            throw Unauthorized($"The invitation belongs to another cluster ({WireText.ShowKey(ClusterKey)}, this one is "
                + $"{WireText.ShowKey(clusterKey)}); ask an admin of this one.");
        }
        if (Issuer is not null)
        {
            Issuer.Validate(clusterKey, now);
            if (!Issuer.Role.MayAdminister())
            {
                throw Unauthorized($"The invitation was signed by {Issuer.Role.ToText()} {Issuer.Subject.ToShortString()}, "
                    + $"who is no admin; {AskAdmin}");
            }
        }
        if (!SignedDocument.Verify(Issuer is null ? clusterKey : Issuer.SubjectKey, Context, Encoded, _signatureOffset))
            throw Unauthorized($"The invitation has a wrong signature: it was changed, or made by someone else; {AskAdmin}");
        if (Role == Role.Admin)
            throw Unauthorized("The invitation is for an admin; only the cluster's own key may make an admin.");
    }

    /// <summary>The role and the date of expiry; not the text, which is a secret as long as it is valid.</summary>
    public override string ToString() => $"invitation for a {Role.ToText()} until {WireText.Show(Expires)}";

    private const string AskAdmin = "ask an admin of the cluster for a new one.";

    private static void Write(BencodeWriter writer, Fields fields, byte[]? signature)
    {
        writer.BeginDictionary();
        if (fields.Issuer is not null)
        {
            writer.WriteKey("a");
            writer.WriteBytes(fields.Issuer.Encoded);
        }
        writer.WriteKey("c");
        writer.WriteBytes(fields.ClusterKey);
        writer.WriteKey("e");
        writer.WriteInteger(fields.Expires.ToUnixTimeSeconds());
        writer.WriteKey("l");
        writer.WriteInteger(fields.LifetimeSeconds);
        writer.WriteKey("n");
        writer.WriteBytes(fields.Nonce);
        writer.WriteKey("p");
        EndpointList.Write(writer, fields.Endpoints);
        writer.WriteKey("r");
        writer.WriteText(fields.Role.ToText());
        if (signature is not null)
        {
            writer.WriteKey("s");
            writer.WriteBytes(signature);
        }
        writer.End();
    }

    private static MegatorrentException Unauthorized(string message) => new(ErrorKind.Unauthorized, message);

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"invitation: {fault}.");

    private static MegatorrentException Missing(string key) => Malformed($"the entry '{key}' is missing");

    private struct Fields
    {
        public byte[] ClusterKey;
        public Role Role;
        public DateTimeOffset Expires;
        public long LifetimeSeconds;
        public byte[] Nonce;
        public string[] Endpoints;
        public Certificate? Issuer;
    }
}
