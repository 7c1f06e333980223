using System.IO.Compression;
using Megatorrent.Cli.Demo;

namespace Megatorrent.Cli.Tests.Demo;

public class DemoFileTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task EveryRunMakesTheSameBytes()
    {
        using TestHost test = new();
        byte[] first = await DemoFile.WriteAsync(test.At("first"), 2 * MiB + 12_345, CancellationToken.None);
        byte[] second = await DemoFile.WriteAsync(test.At("second"), 2 * MiB + 12_345, CancellationToken.None);
        Assert.Equal(first, second);
        Assert.Equal(2 * MiB + 12_345, new FileInfo(test.At("first")).Length);
        Assert.Equal(first, await DemoFile.HashAsync(test.At("first"), CancellationToken.None));
    }

    [Fact]
    public async Task HalfOfItCompresses()
    {
        using TestHost test = new();
        await DemoFile.WriteAsync(test.At("file"), 2 * MiB, CancellationToken.None);
        byte[] bytes = await File.ReadAllBytesAsync(test.At("file"));
        Assert.InRange(Deflated(bytes.AsSpan(0, MiB)), 1, MiB * 3 / 5);
        Assert.InRange(Deflated(bytes.AsSpan(MiB)), MiB - 1000, 2 * MiB);
    }

    private static long Deflated(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream output = new();
        using (DeflateStream deflate = new(output, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(bytes);
        return output.Length;
    }
}
