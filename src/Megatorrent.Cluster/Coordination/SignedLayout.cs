using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// A layout and the signature of who decided it: the cluster's key, or an admin that it certified. Neither the nodes that pass it on nor
/// the server that keeps it need to be believed. Immutable. Layout: docs/spec/layout.md, "Signed layout".
/// </summary>
public sealed class SignedLayout
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxEncodedLength = ClusterLayout.MaxEncodedLength + Certificate.MaxEncodedLength + 256;

    private const int FormatVersion = 1;
    private static readonly byte[] Context = "megatorrent layout v1\0"u8.ToArray();

    private readonly Certificate? _signer;
    private readonly byte[] _signature;

    private SignedLayout(ClusterLayout layout, Certificate? signer, byte[] signature)
    {
        Layout = layout;
        _signer = signer;
        _signature = signature;
        Encoded = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            if (signer is not null)
            {
                writer.WriteKey("a");
                writer.WriteBytes(signer.Encoded);
            }
            writer.WriteKey("l");
            writer.WriteBytes(layout.Encoded);
            writer.WriteKey("s");
            writer.WriteBytes(signature);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
    }

    /// <summary>What was decided.</summary>
    public ClusterLayout Layout { get; }

    /// <summary>The canonical encoding. Not to be written to.</summary>
    public byte[] Encoded { get; }

    /// <summary>Signs a layout.</summary>
    /// <param name="layout">What was decided.</param>
    /// <param name="key">The admin's key, or the cluster's.</param>
    /// <param name="certificate">The admin's certificate; null when <paramref name="key"/> is the cluster's own.</param>
    /// <exception cref="MegatorrentException">Unauthorized: the certificate is not an admin's.</exception>
    public static SignedLayout Sign(ClusterLayout layout, SigningKey key, Certificate? certificate)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(key);
        if (certificate is not null && !certificate.Role.MayAdminister())
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"A {certificate.Role.ToText()} may not change the layout; use an administrator's credential, such as `cluster up` leaves.");
        }
        var signature = new byte[Ed25519.SignatureLength];
        key.Sign([.. Context, .. layout.Encoded], signature);
        return new SignedLayout(layout, certificate, signature);
    }

    /// <summary>Reads a signed layout. The form is checked, no signature: see <see cref="Validate"/>.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static SignedLayout Decode(ReadOnlySpan<byte> source)
    {
        ClusterLayout? layout = null;
        Certificate? signer = null;
        byte[]? signature = null;
        bool versioned = false;
        if (source.Length > MaxEncodedLength)
            throw new MegatorrentException(ErrorKind.Malformed, $"signed layout: {source.Length} bytes are more than {MaxEncodedLength}.");
        var reader = new BencodeReader(source, subject: "signed layout");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                signer = Certificate.Decode(reader.ReadBytes(Certificate.MaxEncodedLength));
            else if (key.SequenceEqual("l"u8))
                layout = ClusterLayout.Decode(reader.ReadBytes(ClusterLayout.MaxEncodedLength));
            else if (key.SequenceEqual("s"u8))
                signature = reader.ReadBytesExact(Ed25519.SignatureLength).ToArray();
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return layout is not null && signature is not null && versioned
            ? new SignedLayout(layout, signer, signature)
            : throw reader.Malformed("the layout, its signature or the version is missing");
    }

    /// <summary>
    /// Checks the signature, and that an admin's certificate held when the layout was decided: a decision outlives the certificate of who
    /// made it.
    /// </summary>
    /// <param name="clusterKey">The cluster's Ed25519 public key, 32 bytes.</param>
    /// <param name="now">The time: a layout of the future is refused.</param>
    /// <exception cref="MegatorrentException">Unauthorized: what is wrong.</exception>
    public void Validate(ReadOnlySpan<byte> clusterKey, DateTimeOffset now)
    {
        if (Layout.Time > now.AddSeconds(Certificate.ClockSkewSeconds))
        {
            throw new MegatorrentException(
                ErrorKind.Unauthorized,
                $"The layout of epoch {Layout.Epoch} is dated {Layout.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, which is in the future; "
                + "check the clocks of this machine and of the administrator's.");
        }
        _signer?.Validate(clusterKey, Layout.Time);
        if (_signer is { } signer && !signer.Role.MayAdminister())
            throw new MegatorrentException(ErrorKind.Unauthorized, $"The layout was signed by a {signer.Role.ToText()}, not by an admin.");
        ReadOnlySpan<byte> key = _signer is null ? clusterKey : _signer.SubjectKey;
        if (!Ed25519.Verify(key, [.. Context, .. Layout.Encoded], _signature))
            throw new MegatorrentException(ErrorKind.Unauthorized, "The layout has a wrong signature: it was changed, or made by someone else.");
    }

    /// <summary>
    /// Whether this one holds against another: the higher epoch, and of the same epoch the greater hash, so that all who see both keep
    /// the same one.
    /// </summary>
    /// <param name="other">The other; null is epoch 0.</param>
    public bool Supersedes(SignedLayout? other) => LayoutHead.Of(this).Supersedes(LayoutHead.Of(other));

    /// <summary>Whether it was decided upon the other.</summary>
    /// <param name="other">What was known; null is epoch 0.</param>
    public bool Follows(SignedLayout? other)
    {
        ClusterLayout before = other?.Layout ?? ClusterLayout.Empty;
        return Layout.Epoch == before.Epoch + 1 && Layout.Previous.AsSpan().SequenceEqual(before.Hash);
    }
}
