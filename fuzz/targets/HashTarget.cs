using System.Security.Cryptography;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Fuzz.Targets;

/// <summary>The kernels of SHA-256, one message or several at a time, agree with .NET's.</summary>
internal sealed class HashTarget() : FuzzTarget("hashes")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;
        int count = 1 + input[0] % 19;
        byte[] text = input[1..].ToArray();
        var messages = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < count; i++)
            messages[i] = text.AsMemory(text.Length * i / (2 * count), text.Length / 2);

        var found = new byte[count * Sha256.HashLength];
        Sha256.HashMany(messages, found);
        Span<byte> expected = stackalloc byte[Sha256.HashLength], single = stackalloc byte[Sha256.HashLength];
        for (int i = 0; i < count; i++)
        {
            SHA256.HashData(messages[i].Span, expected);
            FuzzFailure.UnlessSame(expected, found.AsSpan(i * Sha256.HashLength, Sha256.HashLength), $"message {i} of {count}");
            Sha256.Hash(messages[i].Span, single);
            FuzzFailure.UnlessSame(expected, single, "one message");
        }
    }
}
