using System.Security.Cryptography;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Tests.Hashing;

public class PieceHasherTests
{
    private const int Block = MerkleTree.BlockLength;

    public static TheoryData<IWorkExecutor, int> Executors => new() { { InlineExecutor.Instance, 1 }, { ThreadPoolExecutor.Instance, 3 } };

    [Theory]
    [MemberData(nameof(Executors))]
    public async Task Pieces_of_v1_are_those_of_dotnet(IWorkExecutor executor, int workers)
    {
        var hasher = new PieceHasher(executor, workers);
        foreach (int length in new[] { 0, 1, 999, 1000, 1001, 64_000, 3_000_007 })
        {
            byte[] data = RandomBytes(length);
            foreach (int pieceLength in new[] { 1000, Block, 1 << 18, 1 << 20, 5_000_000 })
            {
                byte[] expected = [.. data.Chunk(pieceLength).SelectMany(SHA1.HashData)];
                byte[] pieces = await hasher.HashV1Async(Reader(data), length, pieceLength);
                Assert.True(expected.AsSpan().SequenceEqual(pieces), $"{length} bytes in pieces of {pieceLength}");
            }
        }
    }

    [Fact]
    public async Task A_piece_that_is_longer_than_the_buffer_is_hashed_in_slices()
    {
        byte[] data = RandomBytes(2 * PieceHasher.BatchLengthMax + 77_777);
        int longest = 0;
        PieceReader reader = Reader(data);
        byte[] pieces = await new PieceHasher(InlineExecutor.Instance, 1).HashV1Async(Measured, data.Length, PieceHasher.BatchLengthMax + 1);
        Assert.Equal(data.Chunk(PieceHasher.BatchLengthMax + 1).SelectMany(SHA1.HashData), pieces);
        Assert.InRange(longest, 1, PieceHasher.BatchLengthMax);

        void Measured(long offset, Span<byte> destination)
        {
            longest = Math.Max(longest, destination.Length);
            reader(offset, destination);
        }
    }

    [Theory]
    [MemberData(nameof(Executors))]
    public async Task Trees_of_v2_are_those_of_the_builder(IWorkExecutor executor, int workers)
    {
        var hasher = new PieceHasher(executor, workers);
        foreach (int length in new[] { 0, 1, Block - 1, Block, Block + 1, 3 * Block, 4 * Block, 4 * Block + 1, 65 * Block, 3_000_007 })
        {
            byte[] data = RandomBytes(length);
            foreach (int pieceLength in new[] { Block, 4 * Block, 1 << 18, 1 << 20, 1 << 24 })
            {
                var builder = new MerkleTreeBuilder(pieceLength);
                builder.Append(data);
                MerkleTree expected = builder.Build();
                MerkleTree tree = await hasher.HashV2Async(Reader(data), length, pieceLength);
                string what = $"{length} bytes in pieces of {pieceLength}";
                Assert.True(expected.Root.SequenceEqual(tree.Root), what);
                Assert.True(expected.GetLayer(pieceLength).SequenceEqual(tree.GetLayer(pieceLength)), what);
                Assert.Equal((expected.Length, expected.BaseLength), (tree.Length, tree.BaseLength));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Executors))]
    public async Task What_the_reader_throws_comes_out_and_the_others_stop(IWorkExecutor executor, int workers)
    {
        var hasher = new PieceHasher(executor, workers);
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await hasher.HashV1Async(Broken, 1L << 40, 1 << 20));
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await hasher.HashV2Async(Broken, 1L << 40, 1 << 20));

        static void Broken(long offset, Span<byte> destination) => throw new EndOfStreamException();
    }

    [Fact]
    public async Task A_cancelled_token_stops_it()
    {
        using var source = new CancellationTokenSource();
        var hasher = new PieceHasher(InlineExecutor.Instance, 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await hasher.HashV1Async((_, _) => source.Cancel(), 1L << 40, 1 << 20, source.Token));
    }

    [Fact]
    public async Task Numbers_out_of_range_are_argument_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PieceHasher(InlineExecutor.Instance, 0));
        var hasher = new PieceHasher(InlineExecutor.Instance, 1);
        foreach (int pieceLength in new[] { -1, 0 })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await hasher.HashV1Async(Reader([]), 0, pieceLength));
        foreach (int pieceLength in new[] { 0, Block / 2, Block + 1, 3 * Block })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await hasher.HashV2Async(Reader([]), 0, pieceLength));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await hasher.HashV1Async(Reader([]), -1, Block));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await hasher.HashV2Async(Reader([]), long.MaxValue, Block));
    }

    private static PieceReader Reader(byte[] data) => (offset, destination) => data.AsSpan((int)offset, destination.Length).CopyTo(destination);

    private static byte[] RandomBytes(int length)
    {
        byte[] data = new byte[length];
        new SeededRandomSource(55).Fill(data);
        return data;
    }
}
