using Megatorrent.Cli.Terminal;
using Megatorrent.Client;

namespace Megatorrent.Cli.Tests.Terminal;

public class ProgressLineTests
{
    [Fact]
    public void IsQuietWhenPiped()
    {
        using TestHost test = new(terminal: false);
        using (ProgressLine line = new(test.Host))
        {
            line.Report(new TransferProgress("put", 1, 2));
            test.Time.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal("", test.Error);
    }

    [Fact]
    public void DrawsOneLineAndWipesIt()
    {
        using TestHost test = new(terminal: true);
        using (ProgressLine line = new(test.Host))
        {
            line.Report(new TransferProgress("put", 0, 4_000_000));
            test.Time.Advance(TimeSpan.FromSeconds(1));
            line.Report(new TransferProgress("put", 1_000_000, 4_000_000));
            test.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.DoesNotContain('\n', test.Error);
        Assert.Contains("\rput  976.6 KiB of 3.8 MiB  25%", test.Error, StringComparison.Ordinal);
        Assert.Contains("MB/s", test.Error, StringComparison.Ordinal);
        Assert.EndsWith("\r\u001b[K", test.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DrawsNothingAfterTheEnd()
    {
        using TestHost test = new(terminal: true);
        ProgressLine line = new(test.Host);
        line.Report(new TransferProgress("put", 0, 10));
        line.Dispose();
        test.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("", test.Error);
    }

    [Fact]
    public void ALineOfTalkStandsAlone()
    {
        using TestHost test = new(terminal: true);
        using ProgressLine line = new(test.Host);
        line.Report(new TransferProgress("put", 0, 10));
        test.Time.Advance(TimeSpan.FromSeconds(1));
        line.WriteLine("warning: x");
        Assert.EndsWith("\r\u001b[Kwarning: x" + Environment.NewLine, test.Error, StringComparison.Ordinal);
    }
}
