using Megatorrent.Cli.Terminal;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Tests.Terminal;

public class TextTests
{
    [Theory]
    [InlineData(EntryKind.File, 0x1A4, "-rw-r--r--")] // 0644
    [InlineData(EntryKind.Directory, 0x1ED, "drwxr-xr-x")] // 0755
    [InlineData(EntryKind.SymbolicLink, 0x1FF, "lrwxrwxrwx")] // 0777
    [InlineData(EntryKind.File, 0x9ED, "-rwsr-xr-x")] // 4755
    [InlineData(EntryKind.File, 0x5A4, "-rw-r-Sr--")] // 2644
    [InlineData(EntryKind.Directory, 0x3FF, "drwxrwxrwt")] // 1777
    [InlineData(EntryKind.File, 0, "----------")]
    public void ModesAreThoseOfLs(EntryKind kind, int mode, string text) => Assert.Equal(text, ListText.Mode(kind, mode));

    [Fact]
    public void AnEntryIsOneLine()
    {
        DirectoryEntry entry = new("a/b\nc", EntryKind.SymbolicLink, 0, 0x1FF, 1_767_323_045_123_456_789, "../x");
        Assert.Equal("lrwxrwxrwx    0 2026-01-02 03:04 a/b\\x0ac -> ../x", ListText.Line(entry, 4, TimeZoneInfo.Utc));
    }

    [Fact]
    public void EveryTimeOfAManifestCanBeShown()
    {
        foreach (long time in (long[])[long.MinValue, -1, 0, long.MaxValue])
            Assert.NotEmpty(ListText.Time(ListText.FromUnixNs(time), TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("naïve 文件 🙂", "naïve 文件 🙂")]
    [InlineData("a\u001b[2Jb", "a\\x1b[2Jb")]
    [InlineData("a\u009bb", "a\\x9bb")]
    [InlineData("gpj.\u202Eexe", "gpj.\\u202eexe")]
    public void NamesCannotDriveTheTerminal(string text, string shown) => Assert.Equal(shown, Printable.Text(text));

    [Fact]
    public void ATableLinesUp()
    {
        TextTable table = new("name", ">size", "what");
        table.Add("a", "1", "x");
        table.Add("long name", "12345");
        using StringWriter output = new();
        table.Write(output, 80);
        Assert.Equal(["name        size  what", "a              1  x", "long name  12345", ""],
            output.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void ATableStaysInsideTheTerminal()
    {
        TextTable table = new("name", "what");
        table.Add("a", new string('x', 500));
        using StringWriter output = new();
        table.Write(output, 40);
        Assert.All(output.ToString().Split(Environment.NewLine), line => Assert.True(line.Length <= 40));
    }
}
