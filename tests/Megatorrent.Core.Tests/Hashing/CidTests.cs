using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Tests.Hashing;

public class CidTests
{
    // Published by other implementations: "Hello world" by the ipfs-cid package (PyPI), "hello" by excid (hexdocs.pm).
    [Theory]
    [InlineData("Hello world", "bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hq")]
    [InlineData("hello", "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")]
    public void Text_is_that_of_other_implementations(string content, string cid)
    {
        BlobId id = BlobId.Of(System.Text.Encoding.UTF8.GetBytes(content));

        Assert.Equal(cid, Cid.Format(id));
        Assert.Equal(cid, id.ToString());
        Assert.True(Cid.TryParse(cid, out BlobId parsed));
        Assert.Equal(id, parsed);
    }

    [Fact]
    public void Random_ids_survive_the_round_trip()
    {
        const ulong Seed = 11;
        var random = new SeededRandomSource(Seed);
        Span<byte> bytes = stackalloc byte[BlobId.Length];
        for (int i = 0; i < 1000; i++)
        {
            random.Fill(bytes);
            var id = new BlobId(bytes);
            string text = Cid.Format(id);
            string what = $"seed {Seed}, round {i}: {text}";
            Assert.True(text.Length == Cid.TextLength && text.StartsWith("bafkrei", StringComparison.Ordinal), what);
            Assert.True(Cid.TryParse(text, out BlobId parsed) && parsed == id, what);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("b")]
    [InlineData("bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37h")] // cut
    [InlineData("bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hqa")] // one more
    [InlineData("bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hr")] // bits left over
    [InlineData("Bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hq")] // another base's prefix
    [InlineData("bAfkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hq")] // upper case
    [InlineData("bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37h=")] // padding
    [InlineData("bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi371q")] // 1 is no base32 digit
    [InlineData("bafybeide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37hq")] // codec dag-pb
    [InlineData(" bafkreide5semuafsnds3ugrvm6fbwuyw2ijpj43gwjdxemstjkfozi37h")]
    [InlineData("QmeomffUNfmQy76CQGy9NdmqEnnHU9soCexBnGU3ezPHVH")] // CIDv0
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Cid.TryParse(text, out BlobId id));
        Assert.Equal(default, id);
    }
}
