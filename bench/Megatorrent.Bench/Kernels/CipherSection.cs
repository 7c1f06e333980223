using System.Runtime.Intrinsics.X86;
using Megatorrent.Bench.Table;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Bench.Kernels;

/// <summary>The cipher of blobs beside OpenSSL's.</summary>
internal static unsafe class CipherSection
{
    private const int MessageLength = 1 << 20;
    private const double Gigabytes = MessageLength / 1e9;

    public static Section Section { get; } =
        new("cipher", "AES-256-GCM of 1 MiB beside OpenSSL EVP, one thread, a fresh key for each message as blobs have", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        PeerLibrary.Load(context.Peers);
        yield return Seal(context);
        yield return Open(context);
    }

    private static Row Seal(BenchContext context)
    {
        using Shards plaintext = Shards.Noise(1, MessageLength, seed: 3);
        using var ours = new Shards(1, MessageLength);
        using var theirs = new Shards(1, MessageLength);
        var message = new Message();
        void* cipher = PeerLibrary.peer_cipher();
        try
        {
            RunOurs();
            RunTheirs();
            ours.MustBe(theirs, "seal 1 MiB");
            message.TagsMustBeEqual("seal 1 MiB");
            double[] seconds = Batches.Seconds(context, RunOurs, RunTheirs, RunTheirsWithOneKey);
            return Row("seal 1 MiB", seconds, Batches.AllocatedBytes(RunOurs));
        }
        finally
        {
            PeerLibrary.peer_cipher_free(cipher);
        }

        void RunOurs() => Aead.Seal(
            CipherSuite.Aes256Gcm, message.Key, Message.ZeroNonce, plaintext[0], ours[0], message.OurTag, message.AssociatedData);

        void RunTheirs() => RunTheirsWith(message.Key);

        void RunTheirsWithOneKey() => RunTheirsWith(null);

        void RunTheirsWith(byte[]? key)
        {
            fixed (byte* k = key, a = message.AssociatedData, t = message.TheirTag)
            {
                if (PeerLibrary.peer_seal(
                    cipher, k, plaintext.Pointers[0], theirs.Pointers[0], MessageLength, a, message.AssociatedData.Length, t) != 1)
                    throw new InvalidOperationException("OpenSSL does not seal.");
            }
        }
    }

    private static Row Open(BenchContext context)
    {
        using Shards plaintext = Shards.Noise(1, MessageLength, seed: 4);
        using var ciphertext = new Shards(1, MessageLength);
        using var ours = new Shards(1, MessageLength);
        using var theirs = new Shards(1, MessageLength);
        var message = new Message();
        void* cipher = PeerLibrary.peer_cipher();
        try
        {
            Aead.Seal(
                CipherSuite.Aes256Gcm, message.Key, Message.ZeroNonce, plaintext[0], ciphertext[0], message.OurTag, message.AssociatedData);
            RunOurs();
            ours.MustBe(plaintext, "open 1 MiB");
            RunTheirs();
            theirs.MustBe(plaintext, "open 1 MiB: what OpenSSL opens");
            double[] seconds = Batches.Seconds(context, RunOurs, RunTheirs, RunTheirsWithOneKey);
            return Row("open 1 MiB", seconds, Batches.AllocatedBytes(RunOurs));
        }
        finally
        {
            PeerLibrary.peer_cipher_free(cipher);
        }

        void RunOurs()
        {
            if (!Aead.TryOpen(
                CipherSuite.Aes256Gcm, message.Key, Message.ZeroNonce, ciphertext[0], message.OurTag, ours[0], message.AssociatedData))
                throw new InvalidOperationException("what was sealed does not open.");
        }

        void RunTheirs() => RunTheirsWith(message.Key);

        void RunTheirsWithOneKey() => RunTheirsWith(null);

        void RunTheirsWith(byte[]? key)
        {
            fixed (byte* k = key, a = message.AssociatedData, t = message.OurTag)
            {
                if (PeerLibrary.peer_open(
                    cipher, k, ciphertext.Pointers[0], theirs.Pointers[0], MessageLength, a, message.AssociatedData.Length, t) != 1)
                    throw new InvalidOperationException("OpenSSL does not open what we sealed.");
            }
        }
    }

    private static Row Row(string what, double[] seconds, long allocated) => new()
    {
        What = what,
        Unit = "GB/s",
        Ours = Gigabytes / seconds[0],
        Peer = "OpenSSL EVP",
        Theirs = Gigabytes / seconds[1],
        Wanted = 4,
        Note = $"{CipherProvider.Name}; the context of OpenSSL is kept and takes a key for each message (with one key for all: "
            + $"{Gigabytes / seconds[2]:0.00} GB/s); {allocated} B allocated{Limit()}",
    };

    private static string Limit() => Avx512F.IsSupported ? ""
        : CipherProvider.Name.Contains("vaes", StringComparison.Ordinal)
            ? "; without AVX-512 an instruction takes two blocks where OpenSSL's take one, so 2 × is the limit of this processor"
            : "; this processor lacks AVX-512 and wide AES instructions: both sides take one block an instruction";

    private sealed class Message
    {
        public static readonly byte[] ZeroNonce = new byte[AeadCipher.NonceLength];

        public byte[] Key { get; } = [.. Enumerable.Range(1, AeadCipher.KeyLength).Select(static i => (byte)i)];

        public byte[] AssociatedData { get; } = new byte[BlobHeader.Length];

        public byte[] OurTag { get; } = new byte[AeadCipher.TagLength];

        public byte[] TheirTag { get; } = new byte[AeadCipher.TagLength];

        public void TagsMustBeEqual(string what)
        {
            if (!OurTag.AsSpan().SequenceEqual(TheirTag))
                throw new InvalidOperationException($"{what}: the tag differs from OpenSSL's.");
        }
    }
}
