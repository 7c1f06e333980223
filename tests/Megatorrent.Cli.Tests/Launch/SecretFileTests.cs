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
    public void AWaitingFileOfAnotherUserIsNotUsed()
    {
        using TestHost test = new();
        if (OperatingSystem.IsWindows())
            return;
        string trap = $"{test.At("f")}.{Environment.ProcessId}.tmp"; // where it was once written first
        File.WriteAllText(trap, "old");
        File.SetUnixFileMode(trap, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        SecretFile.Write(test.At("f"), "key\n");
        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(test.At("f")));
        Assert.Equal("old", File.ReadAllText(trap));
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
