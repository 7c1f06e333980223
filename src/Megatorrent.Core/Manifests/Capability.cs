using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// A string that grants something (docs/spec/capability.md): "mt1:…" grants reading an object, "mtv1:…" only finding, verifying and repairing
/// it. A read capability is a secret.
/// </summary>
public sealed class Capability
{
    /// <summary>The most copies of a root manifest beyond the first.</summary>
    public const int ParityShardsMax = ReedSolomon.MaxShards - 1;

    private const string ImpossibleRoot = "The capability names a manifest that cannot be.";
    private const string ReadPrefix = "mt1:";
    private const string VerifyPrefix = "mtv1:";
    private const int ChecksumLength = 4;
    private const int PublicLength = BlobId.Length + sizeof(int) + 1;
    private const int ReadLength = PublicLength + AeadCipher.KeyLength;

    /// <summary>The longest text, in characters, all of ASCII: that of every capability that reads.</summary>
    public const int TextLengthMax = 4 + (((ReadLength + ChecksumLength) * 8 + 5) / 6);

    private readonly byte[]? _key;

    /// <summary>Names a root manifest.</summary>
    /// <param name="root">The manifest's blob id.</param>
    /// <param name="rootLength">Its bytes.</param>
    /// <param name="parityShards">m: the copies of the root beyond the first.</param>
    /// <param name="key">The 32 bytes that open it, or empty for a capability that only verifies.</param>
    /// <exception cref="MegatorrentException">Malformed: a length or count outside the limits.</exception>
    public Capability(BlobId root, int rootLength, int parityShards, ReadOnlySpan<byte> key)
    {
        if (!CanBe(rootLength, parityShards) || key.Length is not (0 or AeadCipher.KeyLength))
            throw new MegatorrentException(ErrorKind.Malformed, ImpossibleRoot);
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

    /// <summary>Reads a capability; white space around it is ignored.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a capability, or one that was cut or mistyped; the message says which.</exception>
    public static Capability Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> key = stackalloc byte[AeadCipher.KeyLength];
        bool read = Decode(text, out BlobId root, out int rootLength, out int parityShards, key);
        var capability = new Capability(root, rootLength, parityShards, read ? key : default);
        CryptographicOperations.ZeroMemory(key);
        return capability;
    }

    /// <summary>Reads a capability without keeping or copying what is secret in it; white space around it is ignored.</summary>
    /// <param name="text">The text.</param>
    /// <param name="root">The id of the root manifest.</param>
    /// <param name="rootLength">Its bytes, 1 to <see cref="Manifest.EncodedLengthMax"/>.</param>
    /// <param name="parityShards">m: the copies of the root beyond the first, 0 to <see cref="ParityShardsMax"/>.</param>
    /// <param name="key">32 bytes; overwritten with the key of the root, or with zeros where the capability has none or is none.</param>
    /// <returns>Whether the capability reads.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is not 32 bytes.</exception>
    /// <exception cref="MegatorrentException">Malformed: see <see cref="Parse"/>.</exception>
    public static bool Decode(ReadOnlySpan<char> text, out BlobId root, out int rootLength, out int parityShards, Span<byte> key)
    {
        if (key.Length != AeadCipher.KeyLength)
            throw new ArgumentException($"A key is {AeadCipher.KeyLength} bytes, not {key.Length}.", nameof(key));
        key.Clear();
        text = text.Trim();
        bool read = text.StartsWith(ReadPrefix, StringComparison.Ordinal);
        if (!read && !text.StartsWith(VerifyPrefix, StringComparison.Ordinal))
            throw Malformed("it must begin with mt1: (read) or mtv1: (verify)");
        ReadOnlySpan<char> body = text[(read ? ReadPrefix.Length : VerifyPrefix.Length)..];
        int expected = (read ? ReadLength : PublicLength) + ChecksumLength;
        int expectedCharacters = Base64Length(expected);
        if (body.Length != expectedCharacters)
        {
            throw Malformed(body.Length < expectedCharacters
                ? $"it was cut: {body.Length} of {expectedCharacters} characters after the colon are there"
                : $"it has {body.Length - expectedCharacters} characters too many");
        }

        Span<byte> bytes = stackalloc byte[ReadLength + ChecksumLength];
        Span<char> again = stackalloc char[TextLengthMax];
        try
        {
            bytes = bytes[..expected];
            if (Base64Url.DecodeFromChars(body, bytes, out _, out int written) != OperationStatus.Done || written != expected)
                throw Malformed("it has a character that does not belong there");
            Span<byte> checksum = stackalloc byte[ChecksumLength];
            Checksum(read, bytes[..^ChecksumLength], checksum);
            // Written again, because the decoder is lenient about the end: one capability has one text.
            if (!checksum.SequenceEqual(bytes[^ChecksumLength..]) || !body.SequenceEqual(again[..Base64Url.EncodeToChars(bytes, again)]))
                throw Malformed("its checksum is wrong, so a character was changed");
            root = new BlobId(bytes[..BlobId.Length]);
            rootLength = BinaryPrimitives.ReadInt32BigEndian(bytes[BlobId.Length..]);
            parityShards = bytes[BlobId.Length + sizeof(int)];
            if (!CanBe(rootLength, parityShards))
                throw new MegatorrentException(ErrorKind.Malformed, ImpossibleRoot);
            if (read)
                bytes[PublicLength..^ChecksumLength].CopyTo(key);
            return read;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(again));
        }
    }

    /// <summary>Writes the text of a capability without keeping or copying what is secret in it.</summary>
    /// <param name="root">The id of the root manifest.</param>
    /// <param name="rootLength">Its bytes, 1 to <see cref="Manifest.EncodedLengthMax"/>.</param>
    /// <param name="parityShards">m: the copies of the root beyond the first, 0 to <see cref="ParityShardsMax"/>.</param>
    /// <param name="key">The 32 bytes that open it, or empty for a capability that only verifies.</param>
    /// <param name="destination">At least <see cref="TextLengthMax"/> characters.</param>
    /// <returns>Characters written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short, or the key of another length.</exception>
    /// <exception cref="MegatorrentException">InvalidArgument: a length or count outside the limits.</exception>
    public static int Encode(BlobId root, int rootLength, int parityShards, ReadOnlySpan<byte> key, Span<char> destination)
    {
        if (destination.Length < TextLengthMax)
            throw new ArgumentException($"A capability takes {TextLengthMax} characters, not {destination.Length}.", nameof(destination));
        if (key.Length is not (0 or AeadCipher.KeyLength))
            throw new ArgumentException($"A key is {AeadCipher.KeyLength} bytes, not {key.Length}.", nameof(key));
        if (!CanBe(rootLength, parityShards))
            throw new MegatorrentException(ErrorKind.InvalidArgument, ImpossibleRoot);

        bool read = !key.IsEmpty;
        Span<byte> bytes = stackalloc byte[ReadLength + ChecksumLength];
        bytes = bytes[..((read ? ReadLength : PublicLength) + ChecksumLength)];
        root.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BlobId.Length..], rootLength);
        bytes[BlobId.Length + sizeof(int)] = (byte)parityShards;
        key.CopyTo(bytes[PublicLength..]);
        Checksum(read, bytes[..^ChecksumLength], bytes[^ChecksumLength..]);
        string prefix = read ? ReadPrefix : VerifyPrefix;
        prefix.CopyTo(destination);
        int written = Base64Url.EncodeToChars(bytes, destination[prefix.Length..]);
        CryptographicOperations.ZeroMemory(bytes);
        return prefix.Length + written;
    }

    /// <summary>The text: "mt1:…" with the key, "mtv1:…" without.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLengthMax];
        return new string(text[..Encode(Root.Ids[0], Root.ShardLength, Root.ParityShards, _key, text)]);
    }

    private static bool CanBe(int rootLength, int parityShards) =>
        rootLength is >= 1 and <= Manifest.EncodedLengthMax && parityShards is >= 0 and <= ParityShardsMax;

    // A checksum against typing errors and cut lines; what the capability names is checked by its hash.
    private static void Checksum(bool read, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Span<byte> input = stackalloc byte[1 + ReadLength];
        input[0] = read ? (byte)1 : (byte)2;
        body.CopyTo(input[1..]);
        Sha256.Hash(input[..(1 + body.Length)], hash);
        hash[..ChecksumLength].CopyTo(destination);
        CryptographicOperations.ZeroMemory(input);
    }

    private static int Base64Length(int bytes) => ((bytes * 8) + 5) / 6;

    private static MegatorrentException Malformed(string what) =>
        new(ErrorKind.Malformed, $"This is not a whole capability: {what}. Copy it again from where put printed it.");
}
