using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client.Tests;

public class ChunkSourceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(5000)]
    public async Task Fixed_chunks_add_up(int length) =>
        await AssertAddsUpAsync(length, static stream => new FixedChunkSource(stream, 1000), static chunk => chunk <= 1000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ContentChunker.LengthMin)]
    [InlineData((3 * ContentChunker.LengthMax) + 17)]
    public async Task Content_chunks_add_up(int length) =>
        await AssertAddsUpAsync(length, static stream => new ContentChunkSource(stream), static chunk => chunk <= ContentChunker.LengthMax);

    private static async Task AssertAddsUpAsync(int length, Func<Stream, IChunkSource> open, Func<int, bool> allowed)
    {
        var bytes = new byte[length];
        new SeededRandomSource((ulong)length).Fill(bytes);
        using IChunkSource source = open(new Trickle(bytes));
        using var all = new MemoryStream();
        while (await source.ReadAsync(CancellationToken.None) is { } chunk)
        {
            using (chunk)
            {
                Assert.True(chunk.Length > 0 && allowed(chunk.Length));
                all.Write(chunk.Memory.Span);
            }
        }

        Assert.True(bytes.AsSpan().SequenceEqual(all.ToArray()));
    }

    // Gives what it likes, as pipes and sockets do.
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default) =>
            base.ReadAsync(destination[..Math.Min(destination.Length, 1 + (int)(Position % 70_001))], cancellationToken);
    }
}
