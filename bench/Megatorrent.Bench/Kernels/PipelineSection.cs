using System.Runtime.Intrinsics.X86;
using Megatorrent.Bench.Table;
using Megatorrent.Client;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Bench.Kernels;

/// <summary>What a put does between reading and sending, through the code that a put runs, beside OpenSSL and ISA-L in C.</summary>
internal static unsafe class PipelineSection
{
    private const int DataShards = 4;
    private const int ParityShards = 2;
    private const int ChunkLength = 1 << 20;
    private const int BlobLength = ChunkLength + BlobSealer.Overhead;

    public static Section Section { get; } = new(
        "pipeline", "a put in memory, one thread: seal, ids, 4+2 parity and its ids, beside OpenSSL and ISA-L in C", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        PeerLibrary.Load(context.Peers);
        int stripes = context.Pick(16, 16, 2);
        yield return Put(context, stripes, CompressionKind.None, 3);
        yield return Put(context, stripes, new PutOptions().Compression, wanted: null);
    }

    private static Row Put(BenchContext context, int stripes, CompressionKind compression, double? wanted)
    {
        string what = $"{stripes * DataShards} MiB of noise in chunks of 1 MiB, "
            + (compression == CompressionKind.None ? "compression off" : $"{compression} asked for: each chunk is probed, none shrinks");
        BlobLease[][] chunks = [.. Enumerable.Range(0, stripes).Select(static stripe => Chunks((ulong)stripe))];
        using var plaintext = new Shards(stripes * DataShards, ChunkLength);
        for (int i = 0; i < plaintext.Count; i++)
            chunks[i / DataShards][i % DataShards].Memory.Span.CopyTo(plaintext[i]);
        using var blobs = new Shards(DataShards + ParityShards, BlobLength);
        IRandomSource random = SystemRandomSource.Instance;
        byte[] header = new byte[BlobHeader.Length], ids = new byte[blobs.Count * BlobId.Length];
        new BlobHeader(CipherSuite.Aes256Gcm, CompressionKind.None, ChunkLength, ChunkLength).Encode(header);
        void* encoder = PeerLibrary.peer_encoder(DataShards, ParityShards);
        void* cipher = PeerLibrary.peer_cipher();
        void* hash = PeerLibrary.peer_hash();
        try
        {
            MustAgree();
            double[] seconds = Batches.Seconds(context, RunOurs, RunTheirs);
            double gigabytes = (double)stripes * DataShards * ChunkLength / 1e9;
            return new Row
            {
                What = what,
                Unit = "GB/s",
                Ours = gigabytes / seconds[0],
                Peer = "OpenSSL + ISA-L",
                Theirs = gigabytes / seconds[1],
                Wanted = wanted,
                Note = $"{CipherProvider.Name}, {Sha256.Name}; {Batches.AllocatedBytes(RunOurs) / stripes} B allocated a stripe{Limit()}",
            };
        }
        finally
        {
            PeerLibrary.peer_code_free(encoder);
            PeerLibrary.peer_cipher_free(cipher);
            PeerLibrary.peer_hash_free(hash);
            foreach (BlobLease chunk in chunks.SelectMany(static group => group))
                chunk.Dispose();
        }

        void RunOurs()
        {
            foreach (BlobLease[] group in chunks)
                SealedStripe.Build(group, ParityShards, CipherSuite.Aes256Gcm, compression, [], random).Dispose();
        }

        void RunTheirs()
        {
            for (int stripe = 0; stripe < stripes; stripe++)
                PutTheirs(stripe, null);
        }

        void PutTheirs(int stripe, byte[]? keys)
        {
            fixed (byte* h = header, k = keys, i = ids)
            {
                byte** first = plaintext.Pointers + stripe * DataShards;
                if (PeerLibrary.peer_put_stripe(encoder, cipher, hash, h, k, first, ChunkLength, blobs.Pointers, i) != 1)
                    throw new InvalidOperationException("OpenSSL does not seal or hash.");
            }
        }

        // With our keys the peer must make our blobs and our ids.
        void MustAgree()
        {
            for (int stripe = 0; stripe < stripes; stripe++)
            {
                using SealedStripe ours = SealedStripe.Build(
                    chunks[stripe], ParityShards, CipherSuite.Aes256Gcm, compression, [], random);
                PutTheirs(stripe, ours.Keys);
                for (int i = 0; i < blobs.Count; i++)
                {
                    var id = new BlobId(ids.AsSpan(i * BlobId.Length, BlobId.Length));
                    if (!ours.Blobs[i].Span.SequenceEqual(blobs[i]) || ours.Descriptor.Ids[i] != id)
                        throw new InvalidOperationException($"{what}: blob {i} of stripe {stripe} is not what OpenSSL and ISA-L make.");
                }
            }
        }
    }

    private static BlobLease[] Chunks(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var chunks = new BlobLease[DataShards];
        for (int i = 0; i < chunks.Length; i++)
        {
            chunks[i] = BlobLease.Rent(ChunkLength);
            random.Fill(chunks[i].Memory.Span);
        }

        return chunks;
    }

    private static string Limit() => Avx512F.IsSupported
        ? ""
        : "; without AVX-512 the SHA instructions bound the hash of the 1.5 bytes that a byte becomes: three fifths of our time";
}
