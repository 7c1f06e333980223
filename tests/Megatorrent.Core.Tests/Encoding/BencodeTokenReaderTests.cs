using Megatorrent.Core.Encoding;
using static System.Text.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

public class BencodeTokenReaderTests
{
    [Fact]
    public void Says_where_everything_is()
    {
        var reader = new BencodeTokenReader("d1:ali5e2:xye1:bd0:i-42eee"u8);
        BencodeToken[] expected =
        [
            new(BencodeTokenKind.Dictionary, 0, 0, 0, 26),
            new(BencodeTokenKind.Key, 1, 0, 3, 1),
            new(BencodeTokenKind.List, 1, 0, 4, 9),
            new(BencodeTokenKind.Integer, 2, 5, 5, 3),
            new(BencodeTokenKind.Bytes, 2, 0, 10, 2),
            new(BencodeTokenKind.End, 1, 0, 12, 1),
            new(BencodeTokenKind.Key, 1, 0, 15, 1),
            new(BencodeTokenKind.Dictionary, 1, 0, 16, 9),
            new(BencodeTokenKind.Key, 2, 0, 19, 0),
            new(BencodeTokenKind.Integer, 2, -42, 19, 5),
            new(BencodeTokenKind.End, 1, 0, 24, 1),
            new(BencodeTokenKind.End, 0, 0, 25, 1),
            new(BencodeTokenKind.DocumentEnd, 0, 0, 26, 0),
            new(BencodeTokenKind.DocumentEnd, 0, 0, 26, 0),
        ];
        Assert.All(expected, token => Assert.Equal(token, reader.Next()));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue / 8)]
    [InlineData((long.MinValue / 8) - 1)]
    [InlineData(-10)]
    [InlineData(-9)]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(long.MaxValue / 8)]
    [InlineData((long.MaxValue / 8) + 1)]
    [InlineData(long.MaxValue)]
    public void Integers_of_every_width_keep_their_value_and_length(long value)
    {
        byte[] document = ASCII.GetBytes($"li{value}e1:xe");
        var reader = new BencodeTokenReader(document);
        reader.Next();
        Assert.Equal(new BencodeToken(BencodeTokenKind.Integer, 1, value, 1, document.Length - 5), reader.Next());
        Assert.Equal(new BencodeToken(BencodeTokenKind.Bytes, 1, 0, document.Length - 2, 1), reader.Next());

        reader = new BencodeTokenReader(document);
        reader.Next();
        Assert.True(reader.TrySkipValue());
        Assert.Equal(document.Length - 2, reader.Next().Offset);
    }

    // Whatever the document: a walk that skips at random gives the tokens of a walk that does not, less those skipped; and each token
    // is at its place in the bytes.
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Skipping_is_reading_without_looking(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int i = 0; i < 500; i++)
        {
            byte[] document = BencodeTree.Encode(BencodeTree.Random(random, depth: i % 6));
            string where = $"seed {seed}, document {i}: {System.Convert.ToHexString(document)}";
            List<BencodeToken> all = ReadAll(document);
            Assert.All(all, token => Assert.True(IsAt(document, token), $"{where}: {token}"));

            var reader = new BencodeTokenReader(document);
            for (int next = 0; next < all.Count; next++)
            {
                bool isValue = all[next].Kind is not (BencodeTokenKind.Key or BencodeTokenKind.End or BencodeTokenKind.DocumentEnd);
                if (random.Next(3) == 0)
                {
                    Assert.True(isValue == reader.TrySkipValue(), where);
                    if (isValue && all[next].Kind is BencodeTokenKind.List or BencodeTokenKind.Dictionary)
                        next = all.FindIndex(next + 1, token => token.Kind == BencodeTokenKind.End && token.Depth == all[next].Depth);
                    if (isValue)
                        continue;
                }
                Assert.True(all[next] == reader.Next(), where);
            }
        }
    }

    [Fact]
    public void The_deepest_document_is_read_and_a_deeper_one_is_not()
    {
        string deepest = new string('l', BencodeReader.DepthLimit) + new string('e', BencodeReader.DepthLimit);
        Assert.Equal(2 * BencodeReader.DepthLimit + 1, ReadAll(ASCII.GetBytes(deepest)).Count);
        Assert.Equal(ErrorKind.Malformed, Refusal($"l{deepest}e"));
        Assert.Equal(ErrorKind.Malformed, Refusal(new string('d', 5)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("i1ei2e")]
    [InlineData("l")]
    [InlineData("li1e")]
    [InlineData("d1:a")]
    [InlineData("d1:bi1e1:ai1ee")]
    public void What_is_no_document_is_refused_at_once(string document) => Assert.Equal(ErrorKind.Malformed, Refusal(document));

    [Fact]
    public void Kinds_are_frozen() => Assert.Equal(
        "Integer=1 Bytes=2 List=3 Dictionary=4 Key=5 End=6 DocumentEnd=7",
        string.Join(' ', Enum.GetValues<BencodeTokenKind>().Select(kind => $"{kind}={(byte)kind}")));

    private static ErrorKind Refusal(string document) =>
        Assert.Throws<MegatorrentException>(() => new BencodeTokenReader(ASCII.GetBytes(document))).Kind;

    private static List<BencodeToken> ReadAll(byte[] document)
    {
        var reader = new BencodeTokenReader(document);
        var tokens = new List<BencodeToken>();
        do
            tokens.Add(reader.Next());
        while (tokens[^1].Kind != BencodeTokenKind.DocumentEnd);
        return tokens;
    }

    private static bool IsAt(byte[] document, BencodeToken token)
    {
        ReadOnlySpan<byte> bytes = document.AsSpan(token.Offset, token.Length);
        switch (token.Kind)
        {
            case BencodeTokenKind.Integer:
                return ASCII.GetString(bytes) == $"i{token.Integer}e";
            case BencodeTokenKind.Bytes:
            case BencodeTokenKind.Key:
                byte[] prefix = ASCII.GetBytes($"{token.Length}:");
                return document.AsSpan(0, token.Offset).EndsWith(prefix);
            case BencodeTokenKind.End:
                return bytes.SequenceEqual("e"u8);
            case BencodeTokenKind.DocumentEnd:
                return token.Offset == document.Length;
            default:
                _ = BencodeTree.Decode(bytes, BencodeReader.DepthLimit); // throws unless it is exactly one value
                return bytes[0] == (token.Kind == BencodeTokenKind.List ? (byte)'l' : (byte)'d');
        }
    }
}
