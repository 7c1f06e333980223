using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// A string that grants something (docs/spec/capability.md): "mt1:…" grants reading an object, "mtv1:…" only finding, verifying and repairing
/// it. A read capability is a secret.
/// </summary>
public sealed class Capability
{
    private const string ReadPrefix = "mt1:";
    private const string VerifyPrefix = "mtv1:";
    private const int ChecksumLength = 4;
    private const int PublicLength = BlobId.Length + sizeof(int) + 1;
    private const int ReadLength = PublicLength + AeadCipher.KeyLength;

    /// <summary>Characters in the text of a capability that reads: always as many, all of them ASCII.</summary>
    public const int ReadTextLength = 4 + (((ReadLength + ChecksumLength) * 8 + 5) / 6);

    private readonly byte[]? _key;

    /// <summary>Names a root manifest.</summary>
    /// <param name="root">The manifest's blob id.</param>
    /// <param name="rootLength">Its bytes.</param>
    /// <param name="parityShards">m: the copies of the root beyond the first.</param>
    /// <param name="key">The 32 bytes that open it, or empty for a capability that only verifies.</param>
    /// <exception cref="MegatorrentException">Malformed: a length or count outside the limits.</exception>
    public Capability(BlobId root, int rootLength, int parityShards, ReadOnlySpan<byte> key)
    {
        if (rootLength is < 1 or > Manifest.EncodedLengthMax || parityShards is < 0 or > 254 || key.Length is not (0 or AeadCipher.KeyLength))
            throw new MegatorrentException(ErrorKind.Malformed, "The capability names a manifest that cannot be.");
        Root = new StripeDescriptor(parityShards, [root], [rootLength]);
        _key = key.IsEmpty ? null : key.ToArray();
    }

    /// <summary>The root manifest's stripe: one blob and its copies.</summary>
    public StripeDescriptor Root { get; }

    /// <summary>Whether this capability reads.</summary>
    public bool CanRead => _key is not null;

    /// <summary>The key of the root manifest.</summary>
    /// <exception cref="MegatorrentException">Unauthorized: the capability only verifies.</exception>
    public ReadOnlySpan<byte> Key => _key ?? throw new MegatorrentException(
        ErrorKind.Unauthorized, "This capability only allows to verify and repair (mtv1:). Reading needs the mt1: capability that put printed.");

    /// <summary>The capability without the key.</summary>
    public Capability ToVerifyOnly() => new(Root.Ids[0], Root.ShardLength, Root.ParityShards, default);

    /// <summary>Reads a capability.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a capability, or one that was cut or mistyped; the message says which.</exception>
    public static Capability Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        bool read = text.StartsWith(ReadPrefix, StringComparison.Ordinal);
        if (!read && !text.StartsWith(VerifyPrefix, StringComparison.Ordinal))
            throw Malformed("it must begin with mt1: (read) or mtv1: (verify)");
        ReadOnlySpan<char> body = text.AsSpan(read ? ReadPrefix.Length : VerifyPrefix.Length);
        int expected = (read ? ReadLength : PublicLength) + ChecksumLength;
        int expectedCharacters = Base64Length(expected);
        if (body.Length != expectedCharacters)
        {
            throw Malformed(body.Length < expectedCharacters
                ? $"it was cut: {body.Length} of {expectedCharacters} characters after the colon are there"
                : $"it has {body.Length - expectedCharacters} characters too many");
        }

        Span<byte> bytes = stackalloc byte[ReadLength + ChecksumLength];
        bytes = bytes[..expected];
        if (Base64Url.DecodeFromChars(body, bytes, out _, out int written) != OperationStatus.Done || written != expected)
            throw Malformed("it has a character that does not belong there");
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Checksum(read, bytes[..^ChecksumLength], checksum);
        if (!checksum.SequenceEqual(bytes[^ChecksumLength..]) || !body.SequenceEqual(Base64Url.EncodeToString(bytes)))
            throw Malformed("its checksum is wrong, so a character was changed");
        return new Capability(
            new BlobId(bytes[..BlobId.Length]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BlobId.Length..]),
            bytes[BlobId.Length + sizeof(int)],
            bytes[PublicLength..^ChecksumLength]);
    }

    /// <summary>The text: "mt1:…" with the key, "mtv1:…" without.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ReadLength + ChecksumLength];
        bytes = bytes[..((CanRead ? ReadLength : PublicLength) + ChecksumLength)];
        Root.Ids[0].CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BlobId.Length..], Root.ShardLength);
        bytes[BlobId.Length + sizeof(int)] = (byte)Root.ParityShards;
        _key.CopyTo(bytes[PublicLength..]);
        Checksum(CanRead, bytes[..^ChecksumLength], bytes[^ChecksumLength..]);
        return (CanRead ? ReadPrefix : VerifyPrefix) + Base64Url.EncodeToString(bytes);
    }

    // A checksum against typing errors and cut lines; what the capability names is checked by its hash.
    private static void Checksum(bool read, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Span<byte> input = stackalloc byte[1 + ReadLength];
        input[0] = read ? (byte)1 : (byte)2;
        body.CopyTo(input[1..]);
        Sha256.Hash(input[..(1 + body.Length)], hash);
        hash[..ChecksumLength].CopyTo(destination);
    }

    private static int Base64Length(int bytes) => ((bytes * 8) + 5) / 6;

    private static MegatorrentException Malformed(string what) =>
        new(ErrorKind.Malformed, $"This is not a whole capability: {what}. Copy it again from where put printed it.");
}
