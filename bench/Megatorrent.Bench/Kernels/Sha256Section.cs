using System.Runtime.Intrinsics.X86;
using Megatorrent.Bench.Table;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Bench.Kernels;

/// <summary>The hash of many buffers beside OpenSSL's.</summary>
internal static unsafe class Sha256Section
{
    public static Section Section { get; } = new("sha256", "SHA-256 of many buffers beside OpenSSL EVP, one thread", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        PeerLibrary.Load(context.Peers);
        yield return Hash(context, count: 64, length: 16 << 10, "64 × 16 KiB");
        yield return Hash(context, count: 16, length: 1 << 20, "16 × 1 MiB");
        yield return Hash(context, count: 6, length: 1 << 20, "6 × 1 MiB, the blobs of a 4+2 stripe");
    }

    private static Row Hash(BenchContext context, int count, int length, string what)
    {
        byte[] data = new byte[count * length];
        new Core.SeededRandomSource(5).Fill(data);
        byte[] ours = new byte[count * Sha256.HashLength], theirs = new byte[count * Sha256.HashLength];
        ReadOnlyMemory<byte>[] messages = [.. Enumerable.Range(0, count).Select(i => new ReadOnlyMemory<byte>(data, i * length, length))];
        void* hash = PeerLibrary.peer_hash();
        try
        {
            RunOurs();
            RunTheirs();
            if (!ours.AsSpan().SequenceEqual(theirs))
                throw new InvalidOperationException($"{what}: the hashes differ from OpenSSL's.");
            double[] seconds = Batches.Seconds(context, RunOurs, RunTheirs);
            double gigabytes = (double)count * length / 1e9;
            return new Row
            {
                What = what,
                Unit = "GB/s",
                Ours = gigabytes / seconds[0],
                Peer = "OpenSSL EVP",
                Theirs = gigabytes / seconds[1],
                Wanted = 2.8,
                Note = $"{Sha256.Name}; {Batches.AllocatedBytes(RunOurs)} B allocated{Limit()}",
            };
        }
        finally
        {
            PeerLibrary.peer_hash_free(hash);
        }

        void RunOurs() => Sha256.HashMany(messages, ours);

        void RunTheirs()
        {
            fixed (byte* first = data, digests = theirs)
            {
                for (int i = 0; i < count; i++)
                {
                    if (PeerLibrary.peer_sha256(hash, first + (long)i * length, (nuint)length, digests + i * Sha256.HashLength) != 1)
                        throw new InvalidOperationException("OpenSSL does not hash.");
                }
            }
        }
    }

    private static string Limit() => Avx512F.IsSupported
        ? ""
        : "; without AVX-512's 16 lanes the processor's SHA instructions are the limit, which three messages at once keep busy";
}
