using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Membership of a cluster: the statement that a key holds a role there until a time, signed by the cluster's key, by an admin, or by a
/// node on the strength of an invitation. Immutable and thread-safe. Layout: docs/spec/certificate.md.
/// </summary>
/// <remarks>
/// <code>
/// cluster key ──► any role
/// admin       ──► reader, writer, node
/// node        ──► the role that an invitation names; the invitation is kept in the certificate
/// </code>
/// Decoding checks the form only. Nothing in a certificate may be believed before <see cref="Validate"/> has returned.
/// </remarks>
public sealed class Certificate
{
    /// <summary>The longest encoding, in bytes, with the whole chain of issuers in it: bounds what an unknown peer makes us read.</summary>
    public const int MaxEncodedLength = 4096;

    /// <summary>The most certificates in a chain, with the first one: bounds the signatures that a stranger makes us check.</summary>
    public const int MaxChainLength = 4;

    /// <summary>How far the clock of an issuer may be ahead of ours, in seconds, before its certificates count as not yet valid.</summary>
    public const int ClockSkewSeconds = 300;

    private static readonly byte[] Context = "megatorrent certificate v1\0"u8.ToArray();

    private readonly int _signatureOffset;

    private Certificate(byte[] encoded, Fields fields, int signatureOffset)
    {
        Encoded = encoded;
        _signatureOffset = signatureOffset;
        ClusterKey = fields.ClusterKey;
        SubjectKey = fields.SubjectKey;
        Subject = NodeId.Of(fields.SubjectKey);
        Role = fields.Role;
        NotBefore = fields.NotBefore;
        Expires = fields.Expires;
        Issuer = fields.Issuer;
        Token = fields.Token;
    }

    /// <summary>The encoding: canonical, so decoding and encoding again gives the same bytes. Not to be written to.</summary>
    public byte[] Encoded { get; }

    /// <summary>The cluster: its Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public byte[] ClusterKey { get; }

    /// <summary>The holder's Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public byte[] SubjectKey { get; }

    /// <summary>The holder's id: the SHA-256 of <see cref="SubjectKey"/>.</summary>
    public NodeId Subject { get; }

    /// <summary>What the holder may do.</summary>
    public Role Role { get; }

    /// <summary>The first second at which the certificate is valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The first second at which it is no longer valid.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>The certificate of who signed it; null when the cluster's key did.</summary>
    public Certificate? Issuer { get; }

    /// <summary>The invitation on whose strength a node signed it; null when the cluster's key or an admin did.</summary>
    public Invitation? Token { get; }

    /// <summary>Certificates in the chain, this one included: 1 when the cluster's key signed it.</summary>
    public int ChainLength => Issuer is null ? 1 : Issuer.ChainLength + 1;

    /// <summary>Issues a certificate of any role with the cluster's own key.</summary>
    /// <param name="cluster">The cluster's key.</param>
    /// <param name="subjectKey">The holder's Ed25519 public key, 32 bytes.</param>
    /// <param name="role">What the holder may do.</param>
    /// <param name="notBefore">From when; cut to the second.</param>
    /// <param name="expires">Until when; cut to the second.</param>
    /// <exception cref="MegatorrentException">InvalidArgument: it would expire before it starts.</exception>
    public static Certificate IssueByCluster(
        SigningKey cluster, ReadOnlySpan<byte> subjectKey, Role role, DateTimeOffset notBefore, DateTimeOffset expires)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return Issue(cluster, new Fields
        {
            ClusterKey = cluster.PublicKey.ToArray(),
            SubjectKey = CheckKey(subjectKey, nameof(subjectKey)),
            Role = role,
            NotBefore = notBefore,
            Expires = expires,
        });
    }

    /// <summary>Issues a certificate of any role but admin with an admin's key.</summary>
    /// <param name="admin">The admin's key.</param>
    /// <param name="adminCertificate">The admin's certificate.</param>
    /// <param name="subjectKey">The holder's Ed25519 public key, 32 bytes.</param>
    /// <param name="role">What the holder may do.</param>
    /// <param name="notBefore">From when; cut to the second.</param>
    /// <param name="expires">Until when; cut to the second, and to the end of the admin's certificate, which it cannot outlive.</param>
    /// <exception cref="ArgumentException"><paramref name="adminCertificate"/> is not about <paramref name="admin"/>.</exception>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the issuer is no admin, or the role is admin. InvalidArgument: it would expire before it starts.
    /// </exception>
    public static Certificate IssueByAdmin(
        SigningKey admin,
        Certificate adminCertificate,
        ReadOnlySpan<byte> subjectKey,
        Role role,
        DateTimeOffset notBefore,
        DateTimeOffset expires)
    {
        CheckSigner(admin, adminCertificate);
        if (!adminCertificate.Role.MayAdminister())
            throw Unauthorized($"A {adminCertificate.Role.ToText()} may not issue certificates; ask an admin of the cluster.");
        if (role == Role.Admin)
            throw Unauthorized(AdminByAdmin);
        return Issue(admin, new Fields
        {
            ClusterKey = adminCertificate.ClusterKey,
            SubjectKey = CheckKey(subjectKey, nameof(subjectKey)),
            Role = role,
            NotBefore = notBefore,
            Expires = Earlier(expires, adminCertificate.Expires),
            Issuer = adminCertificate,
        });
    }

    /// <summary>Issues the certificate that an invitation promises, with a node's key. It starts now and lasts as long as the invitation
    /// says, but no longer than the node's certificate and the invitation's own issuer.</summary>
    /// <param name="node">The node's key.</param>
    /// <param name="nodeCertificate">The node's certificate.</param>
    /// <param name="token">The invitation; it is validated here.</param>
    /// <param name="subjectKey">The holder's Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException"><paramref name="nodeCertificate"/> is not about <paramref name="node"/>.</exception>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the issuer is no node, the invitation is not valid, or the chain would be longer than <see cref="MaxChainLength"/>.
    /// </exception>
    public static Certificate IssueByNode(
        SigningKey node, Certificate nodeCertificate, Invitation token, ReadOnlySpan<byte> subjectKey, DateTimeOffset now)
    {
        CheckSigner(node, nodeCertificate);
        ArgumentNullException.ThrowIfNull(token);
        if (nodeCertificate.Role != Role.Node)
            throw Unauthorized($"A {nodeCertificate.Role.ToText()} may not exchange invitations; take the invitation to a node.");
        token.Validate(nodeCertificate.ClusterKey, now);
        DateTimeOffset start = WireText.ToSeconds(now);
        DateTimeOffset end = Earlier(start + token.CertificateLifetime, nodeCertificate.Expires);
        if (token.Issuer is not null)
            end = Earlier(end, token.Issuer.Expires);
        if (end <= start)
            throw Unauthorized($"{nodeCertificate.Describe()} expired on {WireText.Show(nodeCertificate.Expires)}; {AskAdmin}");
        return Issue(node, new Fields
        {
            ClusterKey = nodeCertificate.ClusterKey,
            SubjectKey = CheckKey(subjectKey, nameof(subjectKey)),
            Role = token.Role,
            NotBefore = start,
            Expires = end,
            Issuer = nodeCertificate,
            Token = token,
        });
    }

    /// <summary>Reads a certificate and its chain. The form is checked, no signature and no date: see <see cref="Validate"/>.</summary>
    /// <param name="encoded">The whole encoding, at most <see cref="MaxEncodedLength"/> bytes; copied.</param>
    /// <exception cref="MegatorrentException">Malformed: what is wrong, and where.</exception>
    public static Certificate Decode(ReadOnlySpan<byte> encoded) => Decode(encoded, MaxChainLength);

    /// <summary>Reads a certificate whose chain may be at most <paramref name="chainLengthMax"/> long.</summary>
    internal static Certificate Decode(ReadOnlySpan<byte> encoded, int chainLengthMax)
    {
        if (encoded.Length > MaxEncodedLength)
            throw Malformed($"it is {encoded.Length} bytes long, the limit is {MaxEncodedLength}");
        if (chainLengthMax == 0)
            throw Malformed("the chain of issuers is too long");

        var reader = new BencodeReader(encoded, maxDepth: 1, "certificate");
        Role? role = null;
        DateTimeOffset? notBefore = null, expires = null;
        byte[]? clusterKey = null, subjectKey = null;
        Certificate? issuer = null;
        Invitation? token = null;
        int? signatureOffset = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'c']: clusterKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                case [(byte)'e']: expires = WireText.ReadTime(ref reader); break;
                case [(byte)'i']: issuer = Decode(reader.ReadBytes(MaxEncodedLength), chainLengthMax - 1); break;
                case [(byte)'n']: notBefore = WireText.ReadTime(ref reader); break;
                case [(byte)'r']: role = WireText.ReadRole(ref reader); break;
                case [(byte)'s']: signatureOffset = SignedDocument.ReadEntry(ref reader); break;
                case [(byte)'t']: token = Invitation.Decode(reader.ReadBytes(Invitation.MaxEncodedLength)); break;
                case [(byte)'u']: subjectKey = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                default: throw reader.UnknownKey(key);
            }
        }
        reader.ReadEndOfDocument();
        // A token without an issuer means nothing; and it is what bounds the nesting of certificates inside tokens inside certificates.
        if (token is not null && issuer is null)
            throw Malformed("it has an invitation (t) but no issuer (i)");
        var fields = new Fields
        {
            ClusterKey = clusterKey ?? throw Missing("c"),
            SubjectKey = subjectKey ?? throw Missing("u"),
            Role = role ?? throw Missing("r"),
            NotBefore = notBefore ?? throw Missing("n"),
            Expires = expires ?? throw Missing("e"),
            Issuer = issuer,
            Token = token,
        };
        return new Certificate(encoded.ToArray(), fields, signatureOffset ?? throw Missing("s"));
    }

    /// <summary>Checks the whole chain: one cluster, every signature, every date, and that each issuer may issue what it issued.</summary>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException"><paramref name="clusterKey"/> is not 32 bytes long.</exception>
    /// <exception cref="MegatorrentException">Unauthorized: what is wrong, and what to do about it.</exception>
    public void Validate(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        CheckClusterKey(clusterKey);
        int length = 0;
        for (Certificate? link = this; link is not null; link = link.Issuer)
        {
            if (++length > MaxChainLength)
                throw Unauthorized($"{Describe()} stands at the end of a chain of more than {MaxChainLength} certificates; {AskAdmin}");
            link.ValidateLink(clusterKey, now);
        }
    }

    /// <summary>The role, the holder's id in short and the date of expiry.</summary>
    public override string ToString() => $"certificate of {Role.ToText()} {Subject.ToShortString()} until {WireText.Show(Expires)}";

    /// <summary>A cluster's key from the caller, of the right length.</summary>
    internal static void CheckClusterKey(ReadOnlySpan<byte> clusterKey)
    {
        if (clusterKey.Length != Ed25519.PublicKeyLength)
            throw new ArgumentException($"A public key is {Ed25519.PublicKeyLength} bytes, not {clusterKey.Length}.", nameof(clusterKey));
    }

    private const string AskAdmin = "ask an admin of the cluster for a new invitation.";
    private const string AdminByAdmin = "Only the cluster's own key may make an admin; use the cluster key.";

    private void ValidateLink(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        if (!clusterKey.SequenceEqual(ClusterKey))
        {
            throw Unauthorized($"{Describe()} belongs to another cluster ({WireText.ShowKey(ClusterKey)}, this one is "
                + $"{WireText.ShowKey(clusterKey)}); use the credential or an invitation of this cluster.");
        }
        ReadOnlySpan<byte> signer = Issuer is null ? clusterKey : Issuer.SubjectKey;
        if (!SignedDocument.Verify(signer, Context, Encoded, _signatureOffset))
        {
            throw Unauthorized(
                $"{Describe()} has a wrong signature: it was not made by {DescribeIssuer()}, or was changed since; {AskAdmin}");
        }
        if (now >= Expires)
            throw Unauthorized($"{Describe()} expired on {WireText.Show(Expires)}; {AskAdmin}");
        if (now.AddSeconds(ClockSkewSeconds) < NotBefore)
        {
            throw Unauthorized($"{Describe()} is not yet valid: it starts on {WireText.Show(NotBefore)} "
                + $"and it is {WireText.Show(now)} here; check the clocks of this machine and of the issuer.");
        }

        if (Issuer is null)
            return;
        if (Issuer.Role == Role.Node)
            ValidateToken(clusterKey, now);
        else if (Token is not null)
            throw Unauthorized($"{Describe()} carries an invitation although {DescribeIssuer()}, not a node, issued it; {AskAdmin}");
        else if (!Issuer.Role.MayAdminister())
            throw Unauthorized($"{Describe()} was issued by {DescribeIssuer()}, which may not issue certificates; {AskAdmin}");
        else if (Role == Role.Admin)
            throw Unauthorized($"{Describe()} was issued by {DescribeIssuer()}. {AdminByAdmin}");
    }

    private void ValidateToken(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        if (Token is null)
            throw Unauthorized($"{Describe()} was issued by {DescribeIssuer()} without an invitation; {AskAdmin}");
        Token.ValidateIssuer(clusterKey, now);
        if (Token.Role != Role)
            throw Unauthorized($"{Describe()} was issued by {DescribeIssuer()} on an invitation for a {Token.Role.ToText()}; {AskAdmin}");
        if (NotBefore >= Token.Expires)
        {
            throw Unauthorized($"{Describe()} was issued on {WireText.Show(NotBefore)} on an invitation that expired on "
                + $"{WireText.Show(Token.Expires)}; {AskAdmin}");
        }
        if (Expires - NotBefore > Token.CertificateLifetime)
            throw Unauthorized($"{Describe()} lasts longer than the invitation allows on which it was issued; {AskAdmin}");
    }

    private string Describe() => $"The certificate of {Role.ToText()} {Subject.ToShortString()}";

    private string DescribeIssuer() => Issuer is null ? "the cluster's key" : $"{Issuer.Role.ToText()} {Issuer.Subject.ToShortString()}";

    private static Certificate Issue(SigningKey signer, Fields fields)
    {
        _ = fields.Role.ToText(); // a value outside the enumeration throws here
        fields.NotBefore = WireText.ToSeconds(fields.NotBefore);
        fields.Expires = WireText.ToSeconds(fields.Expires);
        if (fields.Expires <= fields.NotBefore)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"A certificate from {WireText.Show(fields.NotBefore)} to {WireText.Show(fields.Expires)} would never be valid.");
        }
        if (fields.Issuer?.ChainLength >= MaxChainLength)
        {
            throw Unauthorized($"The certificate of this {fields.Issuer.Role.ToText()} is already the end of a chain of {MaxChainLength}; "
                + "take the invitation to a node that an admin admitted.");
        }
        byte[] encoded = SignedDocument.Sign(signer, Context, (writer, signature) => Write(writer, fields, signature));
        return Decode(encoded);
    }

    private static void Write(BencodeWriter writer, Fields fields, byte[]? signature)
    {
        writer.BeginDictionary();
        writer.WriteKey("c");
        writer.WriteBytes(fields.ClusterKey);
        writer.WriteKey("e");
        writer.WriteInteger(fields.Expires.ToUnixTimeSeconds());
        if (fields.Issuer is not null)
        {
            writer.WriteKey("i");
            writer.WriteBytes(fields.Issuer.Encoded);
        }
        writer.WriteKey("n");
        writer.WriteInteger(fields.NotBefore.ToUnixTimeSeconds());
        writer.WriteKey("r");
        writer.WriteText(fields.Role.ToText());
        if (signature is not null)
        {
            writer.WriteKey("s");
            writer.WriteBytes(signature);
        }
        if (fields.Token is not null)
        {
            writer.WriteKey("t");
            writer.WriteBytes(fields.Token.Encoded);
        }
        writer.WriteKey("u");
        writer.WriteBytes(fields.SubjectKey);
        writer.End();
    }

    private static void CheckSigner(SigningKey key, Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(certificate);
        if (!key.PublicKey.SequenceEqual(certificate.SubjectKey))
            throw new ArgumentException("The certificate is not about the key that signs.", nameof(certificate));
    }

    private static byte[] CheckKey(ReadOnlySpan<byte> key, string name) => key.Length == Ed25519.PublicKeyLength
        ? key.ToArray()
        : throw new ArgumentException($"An Ed25519 public key is {Ed25519.PublicKeyLength} bytes, not {key.Length}.", name);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static MegatorrentException Unauthorized(string message) => new(ErrorKind.Unauthorized, message);

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"certificate: {fault}.");

    private static MegatorrentException Missing(string key) => Malformed($"the entry '{key}' is missing");

    private struct Fields
    {
        public byte[] ClusterKey;
        public byte[] SubjectKey;
        public Role Role;
        public DateTimeOffset NotBefore;
        public DateTimeOffset Expires;
        public Certificate? Issuer;
        public Invitation? Token;
    }
}
