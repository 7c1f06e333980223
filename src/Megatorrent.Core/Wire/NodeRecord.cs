using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Wire;

/// <summary>
/// A node's signed description of itself, as gossip spreads it: where it listens, in which failure domain, how much of the data it takes.
/// Immutable and thread-safe. Layout: docs/spec/certificate.md.
/// </summary>
public sealed class NodeRecord
{
    /// <summary>The longest encoding, in bytes: the longest certificate and the other entries.</summary>
    public const int MaxEncodedLength = Certificate.MaxEncodedLength + 1024;

    /// <summary>The longest name of a failure domain, in bytes.</summary>
    public const int MaxDomainLength = 64;

    /// <summary>The longest software version, in bytes.</summary>
    public const int MaxVersionLength = 32;

    /// <summary>The greatest weight: far above any capacity in GiB, and exact as a double, which placement computes with.</summary>
    public const long MaxWeight = 1L << 40;

    private static readonly byte[] Context = "megatorrent node record v1\0"u8.ToArray();

    private readonly int _signatureOffset;

    private NodeRecord(byte[] encoded, Fields fields, int signatureOffset)
    {
        Encoded = encoded;
        _signatureOffset = signatureOffset;
        Certificate = fields.Certificate;
        Endpoint = fields.Endpoint;
        Domain = fields.Domain;
        Weight = fields.Weight;
        Incarnation = fields.Incarnation;
        Version = fields.Version;
    }

    /// <summary>The encoding, canonical. Not to be written to.</summary>
    public byte[] Encoded { get; }

    /// <summary>The node's id.</summary>
    public NodeId Id => Certificate.Subject;

    /// <summary>The node's certificate, whose holder signed the record.</summary>
    public Certificate Certificate { get; }

    /// <summary>Where others reach the node: <c>host:port</c>.</summary>
    public string Endpoint { get; }

    /// <summary>The failure domain: what fails together has the same name. Printable ASCII without spaces.</summary>
    public string Domain { get; }

    /// <summary>How much of the data the node takes in proportion to others, such as its capacity in GiB; at least 1.</summary>
    public long Weight { get; }

    /// <summary>Grows when the node refutes a rumour of its death or describes itself anew: of two records the higher holds.</summary>
    public long Incarnation { get; }

    /// <summary>The version of the node's software. Printable ASCII without spaces.</summary>
    public string Version { get; }

    /// <summary>Makes a node's record.</summary>
    /// <param name="identity">The node's identity, which signs.</param>
    /// <param name="certificate">The certificate of this identity.</param>
    /// <param name="endpoint">Where others reach the node: <c>host:port</c>.</param>
    /// <param name="domain">The failure domain, 1 to <see cref="MaxDomainLength"/> printable ASCII characters without spaces.</param>
    /// <param name="weight">1 to <see cref="MaxWeight"/>.</param>
    /// <param name="incarnation">0 or more.</param>
    /// <param name="version">1 to <see cref="MaxVersionLength"/> printable ASCII characters without spaces.</param>
    /// <exception cref="ArgumentException"><paramref name="certificate"/> is of another identity.</exception>
    /// <exception cref="MegatorrentException">InvalidArgument: a value outside its limits.</exception>
    public static NodeRecord Create(
        Identity identity, Certificate certificate, string endpoint, string domain, long weight, long incarnation, string version)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(version);
        if (!identity.PublicKey.SequenceEqual(certificate.SubjectKey))
            throw new ArgumentException("The certificate is of another identity.", nameof(certificate));
        if (!Wire.Endpoint.TryParse(endpoint, out _, out _))
            throw Invalid($"'{endpoint}' is not an endpoint; write HOST:PORT, such as 192.0.2.7:4000.");
        if (!WireText.IsAscii(domain, MaxDomainLength))
            throw Invalid($"A failure domain's name is 1 to {MaxDomainLength} printable ASCII characters without spaces.");
        if (!WireText.IsAscii(version, MaxVersionLength))
            throw Invalid($"A version is 1 to {MaxVersionLength} printable ASCII characters without spaces.");
        if (weight is < 1 or > MaxWeight)
            throw Invalid($"A weight is 1 to {MaxWeight}, not {weight}.");
        if (incarnation < 0)
            throw Invalid($"An incarnation is not negative, as {incarnation} is.");
        var fields = new Fields
        {
            Certificate = certificate,
            Endpoint = endpoint,
            Domain = domain,
            Weight = weight,
            Incarnation = incarnation,
            Version = version,
        };
        return Decode(SignedDocument.Sign(identity.Key, Context, (writer, signature) => Write(writer, fields, signature)));
    }

    /// <summary>Reads a record. The form is checked, no signature and no date: see <see cref="Validate"/>.</summary>
    /// <param name="encoded">The whole encoding, at most <see cref="MaxEncodedLength"/> bytes; copied.</param>
    /// <exception cref="MegatorrentException">Malformed: what is wrong, and where.</exception>
    public static NodeRecord Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length > MaxEncodedLength)
            throw Malformed($"it is {encoded.Length} bytes long, the limit is {MaxEncodedLength}");
        var reader = new BencodeReader(encoded, maxDepth: 1, "node record");
        Certificate? certificate = null;
        string? endpoint = null, domain = null, version = null;
        long? weight = null, incarnation = null;
        int? signatureOffset = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: certificate = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength)); break;
                case [(byte)'d']: domain = WireText.ReadAscii(ref reader, MaxDomainLength, "failure domain"); break;
                case [(byte)'e']: endpoint = EndpointList.ReadOne(ref reader); break;
                case [(byte)'i']: incarnation = reader.ReadInteger(0, long.MaxValue); break;
                case [(byte)'s']: signatureOffset = SignedDocument.ReadEntry(ref reader); break;
                case [(byte)'v']: version = WireText.ReadAscii(ref reader, MaxVersionLength, "version"); break;
                case [(byte)'w']: weight = reader.ReadInteger(1, MaxWeight); break;
                default: throw reader.UnknownKey(key);
            }
        }
        reader.ReadEndOfDocument();
        var fields = new Fields
        {
            Certificate = certificate ?? throw Missing("a"),
            Domain = domain ?? throw Missing("d"),
            Endpoint = endpoint ?? throw Missing("e"),
            Incarnation = incarnation ?? throw Missing("i"),
            Version = version ?? throw Missing("v"),
            Weight = weight ?? throw Missing("w"),
        };
        return new NodeRecord(encoded.ToArray(), fields, signatureOffset ?? throw Missing("s"));
    }

    /// <summary>Checks the certificate, that its role may serve, and the node's signature.</summary>
    /// <param name="clusterKey">The cluster that we belong to: its Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException"><paramref name="clusterKey"/> is not 32 bytes long.</exception>
    /// <exception cref="MegatorrentException">Unauthorized: what is wrong, and what to do about it.</exception>
    public void Validate(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        Certificate.Validate(clusterKey, now);
        if (!Certificate.Role.MayServe())
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"{Id.ToShortString()} is a {Certificate.Role.ToText()} and may not be a node; ask an admin to invite it as one.");
        }
        if (!SignedDocument.Verify(Certificate.SubjectKey, Context, Encoded, _signatureOffset))
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"The description of node {Id.ToShortString()} has a wrong signature: it was changed, or made by someone else.");
        }
    }

    /// <summary>The id in short, the endpoint, the domain and the incarnation.</summary>
    public override string ToString() => $"node {Id.ToShortString()} at {Endpoint} in {Domain}, incarnation {Incarnation}";

    private static void Write(BencodeWriter writer, Fields fields, byte[]? signature)
    {
        writer.BeginDictionary();
        writer.WriteKey("a");
        writer.WriteBytes(fields.Certificate.Encoded);
        writer.WriteKey("d");
        writer.WriteText(fields.Domain);
        writer.WriteKey("e");
        writer.WriteText(fields.Endpoint);
        writer.WriteKey("i");
        writer.WriteInteger(fields.Incarnation);
        if (signature is not null)
        {
            writer.WriteKey("s");
            writer.WriteBytes(signature);
        }
        writer.WriteKey("v");
        writer.WriteText(fields.Version);
        writer.WriteKey("w");
        writer.WriteInteger(fields.Weight);
        writer.End();
    }

    private static MegatorrentException Invalid(string message) => new(ErrorKind.InvalidArgument, message);

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"node record: {fault}.");

    private static MegatorrentException Missing(string key) => Malformed($"the entry '{key}' is missing");

    private struct Fields
    {
        public Certificate Certificate;
        public string Endpoint;
        public string Domain;
        public long Weight;
        public long Incarnation;
        public string Version;
    }
}
