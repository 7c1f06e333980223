using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Xunit.Abstractions;

namespace Megatorrent.Core.Tests.Hashing;

public class Sha256Tests(ITestOutputHelper output)
{
    // Around every place where padding, a block or a lane's bookkeeping changes, and past the 64 KiB that packets are limited to.
    private static readonly int[] Lengths =
    [
        0, 1, 3, 31, 32, 33, 54, 55, 56, 57, 63, 64, 65, 111, 112, 113, 118, 119, 120, 127, 128, 129, 191, 192, 193, 247, 248, 249, 255,
        256, 257, 511, 512, 513, 1023, 1024, 1025, 4095, 4096, 4097, 16383, 16384, 16385, 65471, 65472, 65533, 65534, 65535, 65536, 65537,
    ];

    [Theory] // FIPS 180-4 examples, and NIST's SHA256ShortMsg.rsp, Len = 0, 8, 16, 440, 448, 512
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(
        "6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [InlineData("d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1")]
    [InlineData("11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98")]
    public void Nist_short_messages(string message, string hash)
    {
        byte[] data = Convert.FromHexString(message);
        byte[] digests = new byte[3 * Sha256.HashLength];
        Sha256.Hash(data, digests);
        Assert.Equal(hash, Convert.ToHexStringLower(digests.AsSpan(0, Sha256.HashLength)));

        foreach (MultiBufferKind kind in MultiBufferSha256.Supported)
        {
            HashWith(kind, [data, data, data], digests);
            for (int i = 0; i < 3; i++)
                Assert.Equal(hash, Convert.ToHexStringLower(digests.AsSpan(i * Sha256.HashLength, Sha256.HashLength)));
        }
    }

    [Fact]
    public void A_million_times_a()
    {
        const string Expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"; // FIPS 180-2, B.3
        byte[] data = new byte[1_000_000];
        data.AsSpan().Fill((byte)'a');
        foreach (MultiBufferKind kind in MultiBufferSha256.Supported)
        {
            byte[] digests = new byte[2 * Sha256.HashLength];
            HashWith(kind, [data, data], digests);
            Assert.Equal(Expected, Convert.ToHexStringLower(digests.AsSpan(0, 32)));
            Assert.Equal(Expected, Convert.ToHexStringLower(digests.AsSpan(32, 32)));
        }
    }

    [Fact]
    public void Every_kind_agrees_with_dotnet_at_every_boundary()
    {
        const ulong Seed = 40;
        byte[] data = RandomBytes(Lengths.Max() + 64, Seed);
        foreach (MultiBufferKind kind in MultiBufferSha256.Supported)
        {
            foreach (int length in Lengths)
            {
                for (int count = 1; count <= (length > 20_000 ? 5 : 20); count++)
                {
                    byte[][] messages = [.. Enumerable.Range(0, count).Select(i => data.AsSpan(i, length).ToArray())];
                    AssertRight(kind, messages, $"{kind}, {count} × {length} bytes, seed {Seed}");
                }
            }
        }
    }

    [Fact]
    public void Every_kind_takes_unequal_lengths_in_any_order()
    {
        foreach (MultiBufferKind kind in MultiBufferSha256.Supported)
        {
            for (ulong seed = 0; seed < 40; seed++)
            {
                var random = new SeededRandomSource(seed);
                byte[][] messages = new byte[1 + random.Next(64)][];
                for (int i = 0; i < messages.Length; i++)
                {
                    messages[i] = new byte[random.Next(4) == 0 ? Lengths[random.Next(Lengths.Length)] : random.Next(3000)];
                    random.Fill(messages[i]);
                }
                AssertRight(kind, messages, $"{kind}, seed {seed}");
            }
        }
    }

    [Fact]
    public void Public_forms_agree_with_dotnet()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var random = new SeededRandomSource(seed);
            byte[][] messages = new byte[random.Next(150)][];
            for (int i = 0; i < messages.Length; i++)
            {
                messages[i] = new byte[random.Next(5000)];
                random.Fill(messages[i]);
            }
            byte[] expected = [.. messages.SelectMany(SHA256.HashData)];

            byte[] digests = new byte[messages.Length * Sha256.HashLength + 5];
            digests.AsSpan().Fill(0xAA);
            Sha256.HashMany([.. messages.Select(message => new ReadOnlyMemory<byte>(message))], digests);
            Assert.True(expected.AsSpan().SequenceEqual(digests.AsSpan(0, expected.Length)), $"seed {seed}");
            Assert.Equal(-1, digests.AsSpan(expected.Length).IndexOfAnyExcept((byte)0xAA));
        }
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 64)]
    [InlineData(1000, 1)]
    [InlineData(64 * 200, 64)]
    [InlineData(64 * 96 + 1, 64)]
    [InlineData(300_000, 16384)]
    [InlineData(100, int.MaxValue)]
    public void Blocks_are_hashed_each_the_last_as_long_as_it_is(int length, int blockLength)
    {
        byte[] data = RandomBytes(length, seed: 41);
        byte[] expected = [.. data.Chunk(blockLength).SelectMany(SHA256.HashData)];
        byte[] digests = new byte[expected.Length];
        Sha256.HashBlocks(data, blockLength, digests);
        Assert.Equal(expected, digests);
    }

    [Fact]
    public void Short_destinations_are_argument_errors()
    {
        ReadOnlyMemory<byte>[] two = [new byte[3], new byte[4]];
        Assert.Throws<ArgumentException>(() => Sha256.Hash([], new byte[31]));
        Assert.Throws<ArgumentException>(() => Sha256.HashMany(two, new byte[63]));
        Assert.Throws<ArgumentException>(() => Sha256.HashBlocks(new byte[65], 64, new byte[63]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256.HashBlocks(new byte[65], 0, new byte[99]));
    }

    [Fact]
    public void Many_threads_hash_at_once()
    {
        Parallel.For(0, 64, i =>
        {
            byte[][] messages = [.. Enumerable.Range(0, 30).Select(j => RandomBytes(j * 97, (ulong)(i * 100 + j)))];
            byte[] digests = new byte[messages.Length * Sha256.HashLength];
            Sha256.HashMany([.. messages.Select(message => new ReadOnlyMemory<byte>(message))], digests);
            Assert.Equal(messages.SelectMany(SHA256.HashData), digests);
        });
    }

    [Fact]
    public void Says_what_was_tested()
    {
        output.WriteLine($"SHA-256 by {string.Join(", ", MultiBufferSha256.Supported)}; {CipherProvider.Name}");
        if (!IpsecMb.IsAvailable)
            output.WriteLine("ipsec-mb is not here (Debian: libipsec-mb-dev and a C compiler): hashing one by one was tested only.");
        Assert.Contains(MultiBufferKind.OneByOne, MultiBufferSha256.Supported);
        Assert.Equal(IpsecMb.IsAvailable, MultiBufferSha256.Supported.Contains(MultiBufferKind.VectorLanes));
        Assert.Equal(ShaInstructions.AreAvailable, MultiBufferSha256.Supported.Contains(MultiBufferKind.ShaInstructions));
    }

    private static void AssertRight(MultiBufferKind kind, byte[][] messages, string what)
    {
        byte[] digests = new byte[messages.Length * Sha256.HashLength];
        HashWith(kind, messages, digests);
        for (int i = 0; i < messages.Length; i++)
        {
            bool right = SHA256.HashData(messages[i]).AsSpan().SequenceEqual(digests.AsSpan(i * Sha256.HashLength, Sha256.HashLength));
            Assert.True(right, $"{what}: message {i} of {messages.Length}, {messages[i].Length} bytes");
        }
    }

    private static unsafe void HashWith(MultiBufferKind kind, byte[][] messages, byte[] digests)
    {
        using var pinned = new PinnedMessages(messages);
        ulong[] lengths = [.. messages.Select(message => (ulong)message.Length)];
        fixed (nint* addresses = pinned.Addresses)
        fixed (ulong* first = lengths)
        fixed (byte* to = digests)
            MultiBufferSha256.Hash(kind, (byte**)addresses, first, messages.Length, to);
    }

    private static byte[] RandomBytes(int length, ulong seed)
    {
        byte[] data = new byte[length];
        new SeededRandomSource(seed).Fill(data);
        return data;
    }

    private sealed unsafe class PinnedMessages : IDisposable
    {
        private readonly System.Buffers.MemoryHandle[] _handles;

        public PinnedMessages(byte[][] messages)
        {
            _handles = [.. messages.Select(message => new Memory<byte>(message).Pin())];
            Addresses = new nint[messages.Length];
            for (int i = 0; i < messages.Length; i++)
                Addresses[i] = messages[i].Length == 0 ? 0 : (nint)_handles[i].Pointer; // null is allowed for nothing
        }

        public nint[] Addresses { get; }

        public void Dispose()
        {
            foreach (System.Buffers.MemoryHandle handle in _handles)
                handle.Dispose();
        }
    }
}
