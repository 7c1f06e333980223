using System.Security.Cryptography;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Everything that a client needs to use a cluster: the seed of its identity, its certificate, the tenant's secret, and where to find
/// nodes. Its text is a secret. Dispose zeroes what it holds. Reading is thread-safe. Layout: docs/spec/certificate.md.
/// </summary>
public sealed class Credential : IDisposable
{
    /// <summary>What a credential's text starts with.</summary>
    public const string TextPrefix = "mtcred1:";

    /// <summary>The longest encoding, in bytes: the longest certificate, the most endpoints, and the keys.</summary>
    public const int MaxEncodedLength = 16 * 1024;

    /// <summary>The most endpoints in a credential: more than any client tries.</summary>
    public const int MaxEndpoints = 32;

    /// <summary>Bytes in the tenant's secret.</summary>
    public const int TenantSecretLength = 32;

    private const int CheckLength = 8; // of a SHA-256: against slips of the hand, not against an enemy

    private static readonly byte[] Context = "megatorrent credential v1\0"u8.ToArray();

    private readonly byte[] _seed = new byte[Identity.SeedLength];
    private readonly byte[] _tenantSecret = new byte[TenantSecretLength];
    private readonly string[] _endpoints;
    private bool _disposed;

    /// <summary>Puts a credential together.</summary>
    /// <param name="identity">The client's identity; its seed is copied.</param>
    /// <param name="certificate">The certificate of this identity.</param>
    /// <param name="tenantSecret">32 secret bytes, from which deduplicating puts derive keys; copied.</param>
    /// <param name="endpoints">Nodes of the cluster, each <c>host:port</c>; at most <see cref="MaxEndpoints"/>, may be empty.</param>
    /// <exception cref="ArgumentException">A secret of another length, or a certificate of another identity.</exception>
    /// <exception cref="MegatorrentException">InvalidArgument: an endpoint that is none, or too many.</exception>
    public Credential(Identity identity, Certificate certificate, ReadOnlySpan<byte> tenantSecret, IReadOnlyList<string> endpoints)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(certificate);
        if (tenantSecret.Length != TenantSecretLength)
            throw new ArgumentException($"A tenant's secret is {TenantSecretLength} bytes.", nameof(tenantSecret));
        if (!identity.PublicKey.SequenceEqual(certificate.SubjectKey))
            throw new ArgumentException("The certificate is of another identity.", nameof(certificate));
        _endpoints = EndpointList.Check(endpoints, MaxEndpoints);
        identity.CopySeedTo(_seed);
        tenantSecret.CopyTo(_tenantSecret);
        Certificate = certificate;
    }

    /// <summary>The certificate; not validated here.</summary>
    public Certificate Certificate { get; }

    /// <summary>The cluster: its Ed25519 public key, 32 bytes. Not to be written to.</summary>
    public byte[] ClusterKey => Certificate.ClusterKey;

    /// <summary>Nodes of the cluster, each <c>host:port</c>.</summary>
    public IReadOnlyList<string> Endpoints => _endpoints;

    /// <summary>The 32 secret bytes of the identity.</summary>
    /// <exception cref="ObjectDisposedException">The credential was disposed.</exception>
    public ReadOnlySpan<byte> IdentitySeed => Held(_seed);

    /// <summary>The 32 secret bytes from which deduplicating puts derive keys.</summary>
    /// <exception cref="ObjectDisposedException">The credential was disposed.</exception>
    public ReadOnlySpan<byte> TenantSecret => Held(_tenantSecret);

    /// <summary>The identity; the caller disposes it.</summary>
    /// <exception cref="ObjectDisposedException">The credential was disposed.</exception>
    public Identity CreateIdentity() => Identity.FromSeed(IdentitySeed);

    /// <summary>Reads the text that <see cref="ToText"/> gives; white space around it is ignored. No error repeats it.</summary>
    /// <exception cref="MegatorrentException">Malformed: what is wrong with it.</exception>
    public static Credential Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <summary>Reads the text that <see cref="ToText"/> gives, from memory that the caller may zero afterwards.</summary>
    /// <exception cref="MegatorrentException">Malformed: what is wrong with it.</exception>
    public static Credential Parse(ReadOnlySpan<char> text)
    {
        byte[] encoded = WireText.FromText(text, TextPrefix, "credential", MaxEncodedLength);
        try
        {
            return Decode(encoded);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
        }
    }

    /// <summary>Reads a credential. The form is checked, and that its parts belong together; the certificate is not validated.</summary>
    /// <param name="encoded">The whole encoding, at most <see cref="MaxEncodedLength"/> bytes; copied.</param>
    /// <exception cref="MegatorrentException">Malformed: what is wrong, and where.</exception>
    public static Credential Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length > MaxEncodedLength)
            throw Malformed($"it is {encoded.Length} bytes long, the limit is {MaxEncodedLength}");
        var reader = new BencodeReader(encoded, maxDepth: 2, "credential");
        Certificate? certificate = null;
        ReadOnlySpan<byte> seed = default, tenantSecret = default, check = default;
        string[]? endpoints = null;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: certificate = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength)); break;
                case [(byte)'i']: seed = reader.ReadBytesExact(Identity.SeedLength); break;
                case [(byte)'p']: endpoints = EndpointList.Read(ref reader, MaxEndpoints); break;
                case [(byte)'t']: tenantSecret = reader.ReadBytesExact(TenantSecretLength); break;
                case [(byte)'x']: check = reader.ReadBytesExact(CheckLength); break;
                default: throw reader.UnknownKey(key);
            }
        }
        reader.ReadEndOfDocument();
        if (certificate is null)
            throw Missing("a");
        if (seed.IsEmpty)
            throw Missing("i");
        if (endpoints is null)
            throw Missing("p");
        if (tenantSecret.IsEmpty)
            throw Missing("t");
        if (check.IsEmpty)
            throw Missing("x");

        using Identity identity = Identity.FromSeed(seed);
        if (!identity.PublicKey.SequenceEqual(certificate.SubjectKey))
            throw Malformed("its certificate is of another identity; it was changed since it was made");
        var credential = new Credential(identity, certificate, tenantSecret, endpoints);
        Span<byte> expected = stackalloc byte[CheckLength];
        credential.Check(expected);
        if (!check.SequenceEqual(expected))
        {
            credential.Dispose();
            throw Malformed("its check value is wrong; it was changed since it was made");
        }
        return credential;
    }

    /// <summary>The encoding: secret; the caller zeroes it after use.</summary>
    /// <exception cref="ObjectDisposedException">The credential was disposed.</exception>
    public byte[] Encode()
    {
        var check = new byte[CheckLength];
        Check(check);
        return Encode(check);
    }

    /// <summary>The text to keep in a file that others cannot read: <c>mtcred1:</c> and base64url. Secret.</summary>
    /// <exception cref="ObjectDisposedException">The credential was disposed.</exception>
    public string ToText()
    {
        byte[] encoded = Encode();
        string text = WireText.ToText(TextPrefix, encoded);
        CryptographicOperations.ZeroMemory(encoded);
        return text;
    }

    /// <summary>Whose it is and for which cluster; never the secret.</summary>
    public override string ToString() =>
        $"credential of {Certificate.Role.ToText()} {Certificate.Subject.ToShortString()} for cluster {WireText.ShowKey(ClusterKey)}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_seed);
        CryptographicOperations.ZeroMemory(_tenantSecret);
    }

    private byte[] Held(byte[] secret)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return secret;
    }

    // The first bytes of SHA-256(context ‖ the dictionary without x): a mistyped tenant secret would otherwise go unnoticed for ever.
    private void Check(Span<byte> destination)
    {
        byte[] body = Encode(check: null);
        var message = new byte[Context.Length + body.Length];
        Context.CopyTo(message, 0);
        body.CopyTo(message, Context.Length);
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Sha256.Hash(message, hash);
        hash[..CheckLength].CopyTo(destination);
        CryptographicOperations.ZeroMemory(body);
        CryptographicOperations.ZeroMemory(message);
    }

    private byte[] Encode(byte[]? check)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteBytes(Certificate.Encoded);
            writer.WriteKey("i");
            writer.WriteBytes(_seed);
            writer.WriteKey("p");
            EndpointList.Write(writer, _endpoints);
            writer.WriteKey("t");
            writer.WriteBytes(_tenantSecret);
            if (check is not null)
            {
                writer.WriteKey("x");
                writer.WriteBytes(check);
            }
            writer.End();
        });
    }

    private static MegatorrentException Malformed(string fault) => new(ErrorKind.Malformed, $"credential: {fault}.");

    private static MegatorrentException Missing(string key) => Malformed($"the entry '{key}' is missing");
}
