using System.Security.Cryptography;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// The one place that chooses how several messages are hashed. SHA-256 is a chain of dependent steps that leaves most of a core idle; two
/// ways fill it with other messages: three at a time through the processor's SHA instructions, and lanes of wide vectors.
/// </summary>
internal static unsafe class MultiBufferSha256
{
    /// <summary>Hashes with the way that is the fastest for these messages; <paramref name="digests"/> takes 32 bytes a message.</summary>
    public static void Hash(byte** messages, ulong* lengths, int count, byte* digests) =>
        Hash(Choose(lengths, count), messages, lengths, count, digests);

    /// <summary>The ways that work on this machine, for tests and benchmarks.</summary>
    public static IReadOnlyList<MultiBufferKind> Supported { get; } =
        [.. Enum.GetValues<MultiBufferKind>().Where(kind => kind == MultiBufferKind.OneByOne || (IsThere(kind) && IsRight(kind)))];

    /// <summary>Whether messages go through the processor's SHA instructions here.</summary>
    public static bool HasShaInstructions { get; } = CipherProvider.IsNative && Supported.Contains(MultiBufferKind.ShaInstructions);

    /// <summary>See <see cref="Sha256.Name"/>.</summary>
    public static string Name => (HasShaInstructions, UsesLanes) switch
    {
        (true, true) => $"sha-ni+{IpsecMb.Architecture}",
        (true, false) => "sha-ni",
        (false, true) => IpsecMb.Architecture,
        _ => ".net",
    };

    private static bool UsesLanes => HasLanes && (!ShaInstructions.AreAvailable || IpsecMb.Architecture == "avx512");

    private static bool HasLanes { get; } = CipherProvider.IsNative && Supported.Contains(MultiBufferKind.VectorLanes);

    /// <summary>Hashes in a given way, which must be in <see cref="Supported"/>.</summary>
    public static void Hash(MultiBufferKind kind, byte** messages, ulong* lengths, int count, byte* digests)
    {
        if (kind == MultiBufferKind.OneByOne)
        {
            for (int i = 0; i < count; i++)
            {
                var digest = new Span<byte>(digests + (long)i * Sha256.HashLength, Sha256.HashLength);
                SHA256.HashData(new ReadOnlySpan<byte>(messages[i], (int)lengths[i]), digest);
            }
            return;
        }
        if (kind == MultiBufferKind.ShaInstructions)
            ShaInstructions.mtsha_sha256_many(messages, lengths, (nuint)count, digests);
        else if (IpsecMb.mtmb_sha256_many(IpsecMb.GetManager(), messages, lengths, (nuint)count, digests) != 1)
            throw new MegatorrentException(ErrorKind.Internal, "ipsec-mb refused to hash.");
    }

    /// <summary>
    /// The rule, from measurements (docs/spec/hashing.md). With SHA instructions, three messages have 2.3 times the rate of OpenSSL and a
    /// single one the same, and only AVX-512's 16 lanes beat it: they give three times one message when all are full, so from 11 full
    /// lanes on. Without SHA instructions, lanes win from a few on. How many lanes stay full is the total length over the longest.
    /// </summary>
    private static MultiBufferKind Choose(ulong* lengths, int count)
    {
        if (count > 1 && UsesLanes)
        {
            ulong total = 0, longest = 1;
            for (int i = 0; i < count; i++)
            {
                total += lengths[i];
                longest = Math.Max(longest, lengths[i]);
            }
            ulong worthwhile = ShaInstructions.AreAvailable ? 11u : 3u;
            if (total / longest >= worthwhile)
                return MultiBufferKind.VectorLanes;
        }
        return HasShaInstructions ? MultiBufferKind.ShaInstructions : MultiBufferKind.OneByOne;
    }

    private static bool IsThere(MultiBufferKind kind) =>
        kind == MultiBufferKind.ShaInstructions ? ShaInstructions.AreAvailable : IpsecMb.IsAvailable;

    /// <summary>
    /// Whether the library at hand hashes unequal lengths, and lengths past 64 KiB, as .NET does. The interface promises neither (it was
    /// made for network packets), and a wrong hash would name data that cannot be found again; so it is asked once, in about a millisecond.
    /// </summary>
    private static bool IsRight(MultiBufferKind kind)
    {
        const int Count = 19; // more than the lanes of any kind, so that some are filled again
        const int Longest = 70_000;
        byte[] data = new byte[Longest];
        for (int i = 0; i < data.Length; i++)
            data[i] = (byte)(i * 167 >> 3);
        Span<byte> expected = stackalloc byte[Sha256.HashLength];
        Span<byte> digests = stackalloc byte[Count * Sha256.HashLength];
        byte** messages = stackalloc byte*[Count];
        ulong* lengths = stackalloc ulong[Count];
        fixed (byte* first = data, to = digests)
        {
            for (int i = 0; i < Count; i++)
            {
                lengths[i] = (ulong)(i % 3 == 0 ? Longest - i : i * 37);
                messages[i] = first + i;
            }
            lengths[0] = Longest - Count;
            Hash(kind, messages, lengths, Count, to);
        }
        for (int i = 0; i < Count; i++)
        {
            SHA256.HashData(data.AsSpan(i, (int)lengths[i]), expected);
            if (!expected.SequenceEqual(digests.Slice(i * Sha256.HashLength, Sha256.HashLength)))
                return false;
        }
        return true;
    }
}
