using System.Text.RegularExpressions;

namespace Megatorrent.Tidy.Tests;

/// <summary>
/// Tests wait for events, never for time to pass. Two things look alike and are allowed: the pause of a bounded loop that looks at another
/// process, which cannot tell us (its line says "how often"), and the stories, a program that lets real clusters live for a while.
/// </summary>
public sealed partial class TestProjectTests
{
    [Fact]
    public void NoTestSleeps() => Violations.MustBeNone(
        Repository.Tests.Where(static source => !source.Path.StartsWith("tests/Megatorrent.Stories/", StringComparison.Ordinal))
            .SelectMany(source => source.Find(Sleep()))
            .Where(static line => !line.Contains("// how often ", StringComparison.Ordinal)), "Wait for the event itself, with a limit:");

    [Fact]
    public void NoTestIsSwitchedOff() => Violations.MustBeNone(
        Repository.Tests.SelectMany(source => source.Find(SwitchedOff())), "A test that does not run shows nothing:");

    [Theory]
    [InlineData("Thread.Sleep(10);")]
    [InlineData("await Task.Delay(10);")]
    public void SleepsAreSeen(string code) => Assert.NotEmpty(SourceFile.Of("sample.cs", code).Find(Sleep()));

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\[(Fact|Theory)\s*\(.*\bSkip\s*=")]
    private static partial Regex SwitchedOff();
}
