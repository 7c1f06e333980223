using System.Text.RegularExpressions;

namespace Megatorrent.Tidy.Tests;

/// <summary>Tests wait for events, never for time to pass.</summary>
public sealed partial class TestProjectTests
{
    [Fact]
    public void NoTestSleeps() => Violations.MustBeNone(
        Repository.Tests.SelectMany(source => source.Find(Sleep())), "Wait for the event itself, with a limit:");

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
