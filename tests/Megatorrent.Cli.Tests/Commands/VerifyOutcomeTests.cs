using Megatorrent.Cli.Commands;
using Megatorrent.Client;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Tests.Commands;

public class VerifyOutcomeTests
{
    [Theory]
    [InlineData(0, 0, 2, ExitCodes.Done, true)]
    [InlineData(3, 0, 1, ExitCodes.Done, false)] // missing, but recoverable
    [InlineData(0, 1, 1, ExitCodes.Integrity, false)]
    [InlineData(3, 1, 0, ExitCodes.Integrity, false)]
    [InlineData(3, 0, -1, ExitCodes.NotEnoughBlobs, false)]
    [InlineData(3, 1, -1, ExitCodes.NotEnoughBlobs, false)] // what cannot be read goes before what is damaged
    public void TheWorstSets(int missing, int bad, int margin, int exitCode, bool healthy)
    {
        VerifyReport report = new()
        {
            Stripes = 10,
            HealthyStripes = missing + bad == 0 ? 10 : 9,
            Blobs = 60,
            GoodBlobs = 60 - missing - bad,
            MissingBlobs = missing,
            BadBlobs = [.. Enumerable.Range(0, bad).Select(_ =>
                new BadBlob(BlobId.Of([1]), NodeId.Of([2]), "127.0.0.1:1", BlobId.Of([3]), "wrong bytes"))],
            LowestMargin = margin,
        };
        Assert.Equal(exitCode, VerifyCommand.ExitCodeOf(report));
        Assert.Equal(healthy, VerifyCommand.ToDocument(report, 1).Healthy);
    }
}
