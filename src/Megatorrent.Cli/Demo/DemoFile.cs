using System.Security.Cryptography;
using Megatorrent.Core;

namespace Megatorrent.Cli.Demo;

/// <summary>
/// The file of a demo without a PATH: of each two megabytes one is text-like, which compresses, and one random, which does not. Seeded, so
/// that every run stores the same bytes.
/// </summary>
internal static class DemoFile
{
    /// <summary>Bytes of the file.</summary>
    public const long Length = 256L * 1024 * 1024;

    private const ulong Seed = 0x6D65676174;
    private const int BlockLength = 1024 * 1024;

    private static readonly byte[][] Words = [.. (
        "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were "
        + "her all she there would their we him been has when who will no more if out so said what up its about into")
        .Split(' ').Select(word => System.Text.Encoding.ASCII.GetBytes(word + " "))];

    /// <summary>Writes the file.</summary>
    /// <returns>Its SHA-256.</returns>
    public static async Task<byte[]> WriteAsync(string path, long length, CancellationToken cancellationToken)
    {
        SeededRandomSource random = new(Seed);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockLength];
        byte[] choices = new byte[BlockLength];
        await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        bool text = true;
        for (long offset = 0; offset < length; text = !text)
        {
            int count = (int)Math.Min(BlockLength, length - offset);
            random.Fill(choices);
            if (text)
                FillWithText(block, choices);
            else
                choices.CopyTo(block, 0);
            await file.WriteAsync(block.AsMemory(0, count), cancellationToken);
            hash.AppendData(block, 0, count);
            offset += count;
        }
        return hash.GetHashAndReset();
    }

    /// <summary>The SHA-256 of a file.</summary>
    public static async Task<byte[]> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockLength];
        for (int count; (count = await file.ReadAsync(block, cancellationToken)) > 0;)
            hash.AppendData(block, 0, count);
        return hash.GetHashAndReset();
    }

    private static void FillWithText(Span<byte> block, ReadOnlySpan<byte> choices)
    {
        int next = 0;
        while (!block.IsEmpty)
        {
            ReadOnlySpan<byte> word = Words[choices[next++] % Words.Length];
            int count = Math.Min(word.Length, block.Length);
            word[..count].CopyTo(block);
            block = block[count..];
        }
    }
}
