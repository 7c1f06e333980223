using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

public class BencodePropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Writing_reading_and_writing_again_is_the_identity(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int i = 0; i < 2000; i++)
        {
            object value = BencodeTree.Random(random, depth: i % 8);
            byte[] encoded = BencodeTree.Encode(value);
            byte[] again = BencodeTree.Encode(BencodeTree.Decode(encoded));
            Assert.True(encoded.AsSpan().SequenceEqual(again), $"seed {seed}, document {i}: {Convert.ToHexString(encoded)}");
        }
    }

    // Whatever 100 000 damaged documents contain, only Malformed comes out of the reader; and what it accepts is canonical,
    // for writing it again gives the same bytes.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Damage_is_refused_or_harmless(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        byte[] document = [];
        int accepted = 0;
        for (int i = 0; i < 25_000; i++)
        {
            if (i % 50 == 0)
                document = BencodeTree.Encode(BencodeTree.Random(random, depth: 4));
            byte[] damaged = Mutator.Mutate(random, document);
            string where = $"seed {seed}, mutation {i}: {Convert.ToHexString(damaged)}";
            try
            {
                byte[] again = BencodeTree.Encode(BencodeTree.Decode(damaged));
                Assert.True(damaged.AsSpan().SequenceEqual(again), where);
                accepted++;
            }
            catch (MegatorrentException error)
            {
                Assert.True(error.Kind == ErrorKind.Malformed, where);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{where}: {error}");
            }
        }
        Assert.InRange(accepted, 100, 24_000); // else the damage is too great or too small to show anything
    }

    [Theory]
    [InlineData(21)]
    public void Noise_is_refused_or_harmless(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        ReadOnlySpan<byte> alphabet = "0123456789-:ilde"u8;
        for (int i = 0; i < 50_000; i++)
        {
            var noise = new byte[random.Next(24)];
            random.Fill(noise);
            for (int j = 0; j < noise.Length; j++)
                noise[j] = alphabet[noise[j] % alphabet.Length];
            var reader = new BencodeReader(noise, maxDepth: 3);
            try
            {
                reader.SkipValue();
                reader.ReadEndOfDocument();
            }
            catch (MegatorrentException error)
            {
                Assert.Equal(ErrorKind.Malformed, error.Kind);
                continue;
            }
            Assert.Equal(noise, BencodeTree.Encode(BencodeTree.Decode(noise)));
        }
    }
}
