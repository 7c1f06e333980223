using System.Buffers;
using System.Buffers.Binary;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// What an object is (docs/spec/manifest.md): a public part (stripes), enough to audit and repair, and a sealed part (kind, name, sizes,
/// keys). A manifest is itself one blob, stored as copies.
/// </summary>
public sealed class Manifest
{
    /// <summary>The largest manifest blob, in bytes: that of a default chunk, so that no manifest needs more memory than a chunk does.</summary>
    public const int EncodedLengthMax = 1024 * 1024;

    /// <summary>The deepest tree. With thousands of children a node, 4 levels are more than any disk holds.</summary>
    public const int DepthMax = 4;

    /// <summary>The most streams: those of a directory.</summary>
    public const int StreamCountMax = 2;

    /// <summary>The permission bits that there may be, as a mask.</summary>
    public const int ModeMax = 0xFFFF;

    /// <summary>The longest name, in UTF-8 bytes: that of the common file systems.</summary>
    public const int NameLengthMax = 255;

    private const int Version = 1;

    private static ReadOnlySpan<byte> AssociatedLabel => "megatorrent manifest v1\0"u8;

    private static ReadOnlySpan<byte> KeyLabel => "megatorrent manifest key v1\0"u8;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The kind; <see cref="ManifestKind.Node"/> also when only the public part was read.</summary>
    public ManifestKind Kind { get; init; }

    /// <summary>The object's own name, without any path. Empty for nodes.</summary>
    public string Name { get; init; } = "";

    /// <summary>Unix permission bits.</summary>
    public int Mode { get; init; }

    /// <summary>Time of the last change, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ModifiedUnixNs { get; init; }

    /// <summary>The streams: one for files and nodes, two for directories.</summary>
    public required IReadOnlyList<ManifestStream> Streams { get; init; }

    /// <summary>
    /// What keeps a text from being the name of a file or directory, in half a sentence; null if nothing does. A name becomes a file name on
    /// somebody's disk: no way out of the folder that they chose.
    /// </summary>
    public static string? FaultOfName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (System.Text.Encoding.UTF8.GetByteCount(name) is 0 or > NameLengthMax)
            return $"it has not 1 to {NameLengthMax} bytes in UTF-8";
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            return $"'{name}' cannot be the name of a file";
        return OperatingSystem.IsWindows() && name.AsSpan().ContainsAny(DirectoryEntry.RefusedByWindows)
            ? $"'{name}' has a character that Windows does not allow in names"
            : null;
    }

    /// <summary>
    /// Encodes and seals the manifest. <paramref name="key"/> takes the 32 bytes that read it: random, or derived where
    /// <paramref name="tenantSecret"/> is given, so that the same object gives the same manifest.
    /// </summary>
    /// <returns>The manifest blob.</returns>
    /// <exception cref="MegatorrentException">LimitExceeded: the blob would be over <see cref="EncodedLengthMax"/>.</exception>
    public byte[] Seal(CipherSuite suite, ReadOnlySpan<byte> tenantSecret, IRandomSource random, Span<byte> key)
    {
        byte[] publicPart = EncodePublic();
        byte[] secretPart = EncodeSecret();
        byte[] associatedData = AssociatedData(suite, publicPart);
        if (tenantSecret.IsEmpty)
            random.Fill(key);
        else
            BlobSealer.DeriveKey(tenantSecret, KeyLabel, associatedData, secretPart, key);

        var sealedPart = new byte[secretPart.Length + AeadCipher.TagLength];
        Aead.Seal(
            suite, key, ZeroNonce, secretPart, sealedPart.AsSpan(0, secretPart.Length), sealedPart.AsSpan(secretPart.Length), associatedData);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secretPart);

        var buffer = new ArrayBufferWriter<byte>(publicPart.Length + sealedPart.Length + 64);
        var writer = new BencodeWriter(buffer);
        writer.BeginDictionary();
        writer.WriteKey("p");
        writer.WriteBytes(publicPart);
        writer.WriteKey("s");
        writer.WriteBytes(sealedPart);
        writer.WriteKey("v");
        writer.WriteInteger(Version);
        writer.WriteKey("x");
        writer.WriteInteger((int)suite);
        writer.End();
        if (buffer.WrittenCount > EncodedLengthMax)
            throw new MegatorrentException(ErrorKind.LimitExceeded, $"A manifest of {buffer.WrittenCount} bytes is over the limit of {EncodedLengthMax}.");
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the public part of a manifest blob: streams without keys.</summary>
    /// <exception cref="MegatorrentException">Malformed or Unsupported: the bytes are not a manifest that this build reads.</exception>
    public static Manifest ReadPublic(ReadOnlySpan<byte> blob)
    {
        Split(blob, out ReadOnlySpan<byte> publicPart, out _, out _);
        return new Manifest { Streams = DecodePublic(publicPart) };
    }

    /// <summary>Opens a manifest blob with its key.</summary>
    /// <exception cref="MegatorrentException">
    /// Malformed or Unsupported: the bytes are not a manifest that this build reads. Integrity: the key is not this manifest's.
    /// </exception>
    public static Manifest Open(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> key)
    {
        CipherSuite suite = Split(blob, out ReadOnlySpan<byte> publicPart, out ReadOnlySpan<byte> ciphertext, out ReadOnlySpan<byte> tag);
        var secretPart = new byte[ciphertext.Length];
        if (!Aead.TryOpen(suite, key, ZeroNonce, ciphertext, tag, secretPart, AssociatedData(suite, publicPart)))
            throw new MegatorrentException(ErrorKind.Integrity, "The manifest does not open with this capability: the capability is damaged or belongs to another object.");
        try
        {
            return DecodeSecret(secretPart, DecodePublic(publicPart));
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(secretPart);
        }
    }

    /// <summary>Streams in a manifest of a kind: 2 for a directory, else 1.</summary>
    public static int StreamCount(ManifestKind kind) => kind == ManifestKind.Directory ? StreamCountMax : 1;

    private static CipherSuite Split(
        ReadOnlySpan<byte> blob, out ReadOnlySpan<byte> publicPart, out ReadOnlySpan<byte> ciphertext, out ReadOnlySpan<byte> tag)
    {
        if (blob.Length > EncodedLengthMax)
            throw Malformed($"it is {blob.Length} bytes, over the limit of {EncodedLengthMax}");
        var reader = new BencodeReader(blob);
        reader.BeginDictionary();
        reader.ExpectKey("p"u8);
        publicPart = reader.ReadBytes();
        reader.ExpectKey("s"u8);
        ReadOnlySpan<byte> sealedPart = reader.ReadBytes();
        reader.ExpectKey("v"u8);
        long version = reader.ReadInteger();
        if (version != Version)
            throw new MegatorrentException(ErrorKind.Unsupported, $"The manifest has version {version}; this build reads version {Version}.");
        reader.ExpectKey("x"u8);
        var suite = (CipherSuite)reader.ReadInteger();
        reader.ExpectEnd();
        reader.ReadEndOfDocument();
        if (suite is not (CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305))
            throw new MegatorrentException(ErrorKind.Unsupported, $"The manifest is sealed with suite {(int)suite}, which this build does not know.");
        if (sealedPart.Length < AeadCipher.TagLength)
            throw Malformed("its sealed part is cut");
        ciphertext = sealedPart[..^AeadCipher.TagLength];
        tag = sealedPart[^AeadCipher.TagLength..];
        return suite;
    }

    private byte[] EncodePublic()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var writer = new BencodeWriter(buffer);
        writer.BeginList();
        foreach (ManifestStream stream in Streams)
        {
            writer.BeginDictionary();
            writer.WriteKey("d");
            writer.WriteInteger(stream.Depth);
            writer.WriteKey("n");
            writer.BeginList();
            foreach (StripeDescriptor node in stream.Nodes)
                writer.WriteBytes(node.Encoded);
            writer.End();
            writer.End();
        }

        writer.End();
        return buffer.WrittenSpan.ToArray();
    }

    private static List<ManifestStream> DecodePublic(ReadOnlySpan<byte> encoded)
    {
        var streams = new List<ManifestStream>();
        var reader = new BencodeReader(encoded);
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (streams.Count == StreamCountMax)
                throw Malformed($"it has more than {StreamCountMax} streams");
            reader.BeginDictionary();
            reader.ExpectKey("d"u8);
            long depth = reader.ReadInteger();
            if (depth is < 0 or > DepthMax)
                throw Malformed($"a depth of {depth} is outside 0 to {DepthMax}");
            reader.ExpectKey("n"u8);
            reader.BeginList();
            var nodes = new List<StripeDescriptor>();
            while (reader.TryReadItem())
            {
                StripeDescriptor node = StripeDescriptor.Decode(reader.ReadBytes(StripeDescriptor.EncodedLengthMax));
                if (depth > 0 && !node.IsReplication)
                    throw Malformed("a child manifest is striped");
                nodes.Add(node);
            }

            reader.ExpectEnd();
            streams.Add(new ManifestStream((int)depth, nodes, default, []));
        }

        reader.ReadEndOfDocument();
        if (streams.Count == 0)
            throw Malformed("it has no stream");
        return streams;
    }

    private byte[] EncodeSecret()
    {
        // Large enough from the start: a buffer that grows leaves copies of the keys behind.
        const int around = 1024; // the name, numbers and lengths of strings
        int blobs = Streams.Sum(static stream => stream.Lengths.Count);
        var buffer = new ArrayBufferWriter<byte>(around + (blobs * (AeadCipher.KeyLength + sizeof(long))));
        var writer = new BencodeWriter(buffer);
        writer.BeginDictionary();
        writer.WriteKey("k");
        writer.WriteInteger((int)Kind);
        writer.WriteKey("m");
        writer.WriteInteger(Mode);
        writer.WriteKey("n");
        writer.WriteText(Name);
        writer.WriteKey("s");
        writer.BeginList();
        foreach (ManifestStream stream in Streams)
        {
            var lengths = new byte[stream.Lengths.Count * sizeof(long)];
            for (int i = 0; i < stream.Lengths.Count; i++)
                BinaryPrimitives.WriteInt64BigEndian(lengths.AsSpan(i * sizeof(long)), stream.Lengths[i]);
            writer.BeginDictionary();
            writer.WriteKey("k");
            writer.WriteBytes(stream.Keys.Span);
            writer.WriteKey("l");
            writer.WriteBytes(lengths);
            writer.End();
        }

        writer.End();
        writer.WriteKey("t");
        writer.WriteInteger(ModifiedUnixNs);
        writer.End();
        byte[] encoded = buffer.WrittenSpan.ToArray();
        buffer.Clear(); // zeroes it
        return encoded;
    }

    private static Manifest DecodeSecret(ReadOnlySpan<byte> encoded, List<ManifestStream> streams)
    {
        var reader = new BencodeReader(encoded);
        reader.BeginDictionary();
        reader.ExpectKey("k"u8);
        var kind = (ManifestKind)reader.ReadInteger();
        reader.ExpectKey("m"u8);
        long mode = reader.ReadInteger();
        reader.ExpectKey("n"u8);
        string name = Utf8.Decode(reader.ReadBytes(NameLengthMax), "manifest name");
        reader.ExpectKey("s"u8);
        reader.BeginList();
        int index = 0;
        while (reader.TryReadItem())
        {
            if (index == streams.Count)
                throw Malformed("its two parts name different numbers of streams");
            streams[index] = ReadStreamSecret(ref reader, streams[index]);
            index++;
        }

        reader.ExpectKey("t"u8);
        long modified = reader.ReadInteger();
        reader.ExpectEnd();
        reader.ReadEndOfDocument();
        if (index != streams.Count || streams.Count != StreamCount(kind))
            throw Malformed("it has the wrong number of streams for its kind");
        if (kind is < ManifestKind.Node or > ManifestKind.Directory)
            throw new MegatorrentException(ErrorKind.Unsupported, $"The manifest is of kind {(int)kind}, which this build does not know.");
        if (mode is < 0 or > ModeMax)
            throw Malformed($"a mode of {mode} is none");
        return new Manifest { Kind = kind, Mode = (int)mode, Name = name, ModifiedUnixNs = modified, Streams = streams };
    }

    private static ManifestStream ReadStreamSecret(ref BencodeReader reader, ManifestStream stream)
    {
        int blobs = stream.DataBlobs;
        reader.BeginDictionary();
        reader.ExpectKey("k"u8);
        byte[] keys = reader.ReadBytes().ToArray();
        reader.ExpectKey("l"u8);
        ReadOnlySpan<byte> packed = reader.ReadBytes();
        reader.ExpectEnd();
        if (keys.Length != blobs * AeadCipher.KeyLength || packed.Length != blobs * sizeof(long))
            throw Malformed("keys and blobs differ in number");
        var lengths = new long[blobs];
        long total = 0;
        for (int i = 0; i < blobs; i++)
        {
            lengths[i] = BinaryPrimitives.ReadInt64BigEndian(packed[(i * sizeof(long))..]);
            if (lengths[i] < 0 || (stream.Depth == 0 && lengths[i] > BlobHeader.PlaintextLengthMax) || lengths[i] > long.MaxValue - total)
                throw Malformed($"a part of {lengths[i]} bytes cannot be");
            total += lengths[i];
        }

        return stream with { Keys = keys, Lengths = lengths };
    }

    private static byte[] AssociatedData(CipherSuite suite, ReadOnlySpan<byte> publicPart) =>
        [.. AssociatedLabel, (byte)suite, .. publicPart];

    private static MegatorrentException Malformed(string what) => new(ErrorKind.Malformed, $"A manifest is damaged: {what}.");
}
