using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Client.Tests;

/// <summary>Many at the same time, each with its own answer.</summary>
public sealed class BlobVerifierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_has_its_own_answer(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        var verifier = new BlobVerifier(ThreadPoolExecutor.Instance);
        for (int round = 0; round < 50; round++)
        {
            int count = 1 + random.Next(40);
            var expected = new bool[count];
            var answers = new Task<bool>[count];
            for (int i = 0; i < count; i++)
            {
                byte[] blob = new byte[random.Next(random.Next(3) == 0 ? 100_000 : 300)];
                random.Fill(blob);
                BlobId id = BlobId.Of(blob);
                expected[i] = blob.Length == 0 || random.Next(3) > 0;
                if (!expected[i])
                    blob[random.Next(blob.Length)] ^= 1;
                answers[i] = verifier.IsGenuineAsync(blob, id).AsTask();
            }

            bool[] given = await Task.WhenAll(answers);
            Assert.True(expected.AsSpan().SequenceEqual(given), $"seed {seed}, round {round}");
        }
    }
}
