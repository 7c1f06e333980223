using System.Security.Cryptography;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Manifests;

/// <summary>
/// Makes a manifest piece by piece, and refuses at once what <see cref="Manifest.Open"/> would refuse later. Dispose zeroes the keys.
/// Not thread-safe.
/// </summary>
public sealed class ManifestBuilder : IDisposable
{
    private readonly List<Stream> _streams = [];

    /// <summary>Begins a manifest without streams.</summary>
    /// <param name="kind">What it describes.</param>
    /// <param name="name">A file name of at most <see cref="Manifest.NameLengthMax"/> bytes in UTF-8; empty for a node.</param>
    /// <param name="mode">Unix permission bits, at most <see cref="Manifest.ModeMax"/>.</param>
    /// <param name="modifiedUnixNs">Time of the last change, in nanoseconds since 1970-01-01 UTC.</param>
    /// <exception cref="MegatorrentException">InvalidArgument: no such kind or mode, or a name that cannot be a file name.</exception>
    public ManifestBuilder(ManifestKind kind, string name, int mode, long modifiedUnixNs)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (kind is < ManifestKind.Node or > ManifestKind.Directory)
            throw Invalid($"There is no manifest of kind {(int)kind}.");
        if (mode is < 0 or > Manifest.ModeMax)
            throw Invalid($"A mode of {mode} is none; it may be 0 to {Manifest.ModeMax}.");
        CheckName(kind, name);
        (Kind, Name, Mode, ModifiedUnixNs) = (kind, name, mode, modifiedUnixNs);
    }

    /// <summary>What it describes.</summary>
    public ManifestKind Kind { get; }

    /// <summary>The object's own name.</summary>
    public string Name { get; }

    /// <summary>Unix permission bits.</summary>
    public int Mode { get; }

    /// <summary>Time of the last change, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ModifiedUnixNs { get; }

    /// <summary>Streams so far.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Whether it has as many streams as its kind, so that <see cref="Build"/> can be called.</summary>
    public bool IsComplete => _streams.Count == Manifest.StreamCount(Kind);

    /// <summary>A stream as it is now; what is added later may show or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stream.</exception>
    public ManifestStream GetStream(int index)
    {
        Stream stream = _streams[index];
        ReadOnlyMemory<byte> keys = stream.Keys.AsMemory(0, stream.Lengths.Count * AeadCipher.KeyLength);
        return new ManifestStream(stream.Depth, stream.Nodes, keys, stream.Lengths);
    }

    /// <summary>Begins the next stream.</summary>
    /// <param name="depth">
    /// 0: its stripes hold the bytes. Above, to <see cref="Manifest.DepthMax"/>: they hold manifests whose streams have the depth below.
    /// </param>
    /// <exception cref="MegatorrentException">InvalidArgument: too deep, or more streams than the kind has.</exception>
    public void AddStream(int depth)
    {
        if (depth is < 0 or > Manifest.DepthMax)
            throw Invalid($"A depth of {depth} is outside 0 to {Manifest.DepthMax}.");
        if (IsComplete)
            throw Invalid($"A manifest of kind {Kind} has {Manifest.StreamCount(Kind)} streams; that many are there.");
        _streams.Add(new Stream(depth));
    }

    /// <summary>Adds a stripe to the last stream.</summary>
    /// <param name="stripe">Its public description; above depth 0 one blob and its copies.</param>
    /// <param name="keys">32 bytes a data blob; copied.</param>
    /// <param name="lengths">The bytes behind each data blob.</param>
    /// <exception cref="InvalidOperationException">There is no stream yet.</exception>
    /// <exception cref="MegatorrentException">InvalidArgument: the counts differ, or lengths are outside the limits.</exception>
    public void AddStripe(StripeDescriptor stripe, ReadOnlySpan<byte> keys, ReadOnlySpan<long> lengths)
    {
        ArgumentNullException.ThrowIfNull(stripe);
        if (_streams.Count == 0)
            throw new InvalidOperationException("There is no stream yet.");
        Stream stream = _streams[^1];
        if (keys.Length != stripe.DataShards * AeadCipher.KeyLength || lengths.Length != stripe.DataShards)
            throw Invalid($"{stripe.DataShards} data blobs, {keys.Length} bytes of keys and {lengths.Length} lengths do not fit.");
        if (stream.Depth > 0 && (!stripe.IsReplication || stripe.ShardLength > Manifest.EncodedLengthMax))
            throw Invalid($"Above depth 0 a stripe is one manifest of at most {Manifest.EncodedLengthMax} bytes, and its copies.");
        long total = stream.Length;
        foreach (long length in lengths)
        {
            if (length < 0 || (stream.Depth == 0 && length > BlobHeader.PlaintextLengthMax) || length > long.MaxValue - total)
                throw Invalid($"No blob holds {length} bytes here.");
            total += length;
        }

        stream.Add(stripe, keys, lengths, total);
    }

    /// <summary>The manifest with all that was added. It shares the keys with this object, which must live as long.</summary>
    /// <exception cref="InvalidOperationException">Streams are missing.</exception>
    public Manifest Build()
    {
        if (!IsComplete)
            throw new InvalidOperationException($"A manifest of kind {Kind} has {Manifest.StreamCount(Kind)} streams, not {_streams.Count}.");
        return new Manifest
        {
            Kind = Kind,
            Name = Name,
            Mode = Mode,
            ModifiedUnixNs = ModifiedUnixNs,
            Streams = [.. Enumerable.Range(0, _streams.Count).Select(GetStream)],
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Stream stream in _streams)
            CryptographicOperations.ZeroMemory(stream.Keys);
    }

    private static void CheckName(ManifestKind kind, string name)
    {
        if (kind == ManifestKind.Node)
        {
            if (name.Length > 0)
                throw Invalid("A node has no name.");
            return;
        }

        Utf8.Encode(name, "name"); // refuses half a character
        if (Manifest.FaultOfName(name) is { } fault)
            throw Invalid($"The name cannot be used: {fault}.");
    }

    private static MegatorrentException Invalid(string message) => new(ErrorKind.InvalidArgument, message);

    private sealed class Stream(int depth)
    {
        public int Depth => depth;

        public List<StripeDescriptor> Nodes { get; } = [];

        public List<long> Lengths { get; } = [];

        public byte[] Keys { get; private set; } = [];

        public long Length { get; private set; }

        public void Add(StripeDescriptor stripe, ReadOnlySpan<byte> keys, ReadOnlySpan<long> lengths, long total)
        {
            int used = Lengths.Count * AeadCipher.KeyLength;
            if (Keys.Length - used < keys.Length)
            {
                byte[] larger = new byte[Math.Max(2 * Keys.Length, used + keys.Length)];
                Keys.CopyTo(larger, 0);
                CryptographicOperations.ZeroMemory(Keys);
                Keys = larger;
            }

            keys.CopyTo(Keys.AsSpan(used));
            Nodes.Add(stripe);
            Lengths.AddRange(lengths);
            Length = total;
        }
    }
}
