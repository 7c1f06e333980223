namespace Megatorrent.Tidy.Tests;

/// <summary>Fails a test with everything that it found.</summary>
internal static class Violations
{
    /// <summary>Asserts that there are none.</summary>
    public static void MustBeNone(IEnumerable<string> violations, string rule)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{rule}{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
