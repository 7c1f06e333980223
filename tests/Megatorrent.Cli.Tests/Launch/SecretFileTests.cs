using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Tests.Launch;

public class SecretFileTests
{
    [Fact]
    public void WhatIsWrittenIsReadAndLeavesNothingBeside()
    {
        using TestHost test = new();
        SecretFile.Write(test.At("f"), "one\n");
        SecretFile.Write(test.At("f"), "two\n");
        Assert.Equal("two", SecretFile.Read(test.At("f")));
        Assert.Equal([test.At("f")], Directory.GetFileSystemEntries(test.Folder));
    }

    [Fact]
    public void AFileThatCannotBeReplacedStays()
    {
        using TestHost test = new();
        Directory.CreateDirectory(test.At("f")); // a rename onto a folder fails, for root too
        Assert.ThrowsAny<Exception>(() => SecretFile.Write(test.At("f"), "text"));
        Assert.Equal([test.At("f")], Directory.GetFileSystemEntries(test.Folder));
    }

    [Fact]
    public void AFileOfAnotherKindIsRefusedByItsLength()
    {
        using TestHost test = new();
        File.WriteAllText(test.At("f"), new string('x', 64 * 1024 + 1));
        Assert.Throws<IOException>(() => SecretFile.Read(test.At("f")));
    }
}
