using Megatorrent.Cli.Terminal;
using Megatorrent.Core;

namespace Megatorrent.Cli.Tests.Terminal;

public class FailuresTests
{
    [Fact]
    public void AnExpectedFailureIsOneLine()
    {
        using TestHost test = new();
        int exitCode = Failures.Report(new MegatorrentException(
            ErrorKind.StoreFull, "no\nroom \u001b[31m"), test.Host, json: false, interrupted: false);
        Assert.Equal(ExitCodes.StoreFull, exitCode);
        Assert.Equal("error: no room \\x1b[31m" + Environment.NewLine, test.Error);
        Assert.Equal("", test.Out);
    }

    [Fact]
    public void AnUnexpectedOneHasAHintAndNoTrace()
    {
        using TestHost test = new();
        int exitCode = Failures.Report(Thrown(), test.Host, json: false, interrupted: false);
        Assert.Equal(ExitCodes.Other, exitCode);
        Assert.StartsWith("internal error: InvalidOperationException: boo", test.Error, StringComparison.Ordinal);
        Assert.Contains("MEGATORRENT_TRACE=1", test.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Thrown), test.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTraceIsThereForThoseWhoAsk()
    {
        using TestHost test = new();
        test.Variables["MEGATORRENT_TRACE"] = "1";
        Failures.Report(Thrown(), test.Host, json: false, interrupted: false);
        Assert.Contains(nameof(Thrown), test.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonGetsADocument()
    {
        using TestHost test = new();
        Failures.Report(new MegatorrentException(ErrorKind.Unreachable, "gone"), test.Host, json: true, interrupted: false);
        using var document = System.Text.Json.JsonDocument.Parse(test.Out);
        System.Text.Json.JsonElement error = document.RootElement.GetProperty("error");
        Assert.Equal("Unreachable", error.GetProperty("kind").GetString());
        Assert.Equal("gone", error.GetProperty("message").GetString());
        Assert.Equal(5, error.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void AReaderThatWentAwayIsNoFailure()
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Done, Failures.Report(new IOException("Broken pipe", 32), test.Host, json: false, interrupted: false));
        Assert.Equal("", test.Error);
    }

    [Theory]
    [InlineData(true, ExitCodes.Interrupted)]
    [InlineData(false, ExitCodes.Other)]
    public void ACancellationIsAnInterruptionOnlyWhenThereWasASignal(bool interrupted, int exitCode) =>
        Assert.Equal(exitCode, Failures.Describe(new OperationCanceledException(), interrupted).ExitCode);

    [Fact]
    public void ADefectDuringAnInterruptionIsStillADefect() =>
        Assert.Equal(ExitCodes.Other, Failures.Describe(new InvalidOperationException("boo"), interrupted: true).ExitCode);

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("boo");
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }
}
