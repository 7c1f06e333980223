namespace Megatorrent.EndToEnd.Tests;

/// <summary>Comparing and deleting files and directories.</summary>
internal static class Trees
{
    public static bool SameBytes(string left, string right)
    {
        using FileStream a = File.OpenRead(left), b = File.OpenRead(right);
        if (a.Length != b.Length)
            return false;
        var bufferA = new byte[1 << 20];
        var bufferB = new byte[1 << 20];
        int read;
        while ((read = a.ReadAtLeast(bufferA, bufferA.Length, throwOnEndOfStream: false)) > 0)
        {
            b.ReadExactly(bufferB, 0, read);
            if (!bufferA.AsSpan(0, read).SequenceEqual(bufferB.AsSpan(0, read)))
                return false;
        }

        return true;
    }

    /// <summary>Names, kinds, links, modes, times and bytes.</summary>
    public static void AssertEqual(string expected, string actual)
    {
        Dictionary<string, FileSystemInfo> left = Entries(expected), right = Entries(actual);
        Assert.Equal(left.Keys.Order(StringComparer.Ordinal), right.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, info) in left)
        {
            FileSystemInfo other = right[path];
            Assert.True(info.LinkTarget == other.LinkTarget, $"{path}: link to {info.LinkTarget} and to {other.LinkTarget}");
            if (info.LinkTarget is not null)
                continue;
            Assert.True(info.GetType() == other.GetType(), $"{path}: not of one kind");
            Assert.True(info.UnixFileMode == other.UnixFileMode, $"{path}: mode {info.UnixFileMode} and {other.UnixFileMode}");
            Assert.True(info.LastWriteTimeUtc == other.LastWriteTimeUtc, $"{path}: {info.LastWriteTimeUtc:O} and {other.LastWriteTimeUtc:O}");
            if (info is FileInfo)
                Assert.True(SameBytes(info.FullName, other.FullName), $"{path}: other bytes");
        }

        var (top, otherTop) = (new DirectoryInfo(expected), new DirectoryInfo(actual));
        Assert.Equal((top.UnixFileMode, top.LastWriteTimeUtc), (otherTop.UnixFileMode, otherTop.LastWriteTimeUtc));
    }

    /// <summary>Entries below a directory; links are not followed.</summary>
    public static int Count(string root) => Entries(root).Count;

    public static void Delete(string path)
    {
        if (!Directory.Exists(path))
        {
            File.Delete(path);
            return;
        }

        foreach (string folder in Directory.EnumerateDirectories(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(path, recursive: true);
    }

    private static Dictionary<string, FileSystemInfo> Entries(string root)
    {
        var entries = new Dictionary<string, FileSystemInfo>(StringComparer.Ordinal);
        var options = new EnumerationOptions { AttributesToSkip = 0 };
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (folders.TryPop(out DirectoryInfo? folder))
        {
            foreach (FileSystemInfo info in folder.GetFileSystemInfos("*", options))
            {
                entries[Path.GetRelativePath(root, info.FullName)] = info;
                if (info is DirectoryInfo { LinkTarget: null } below)
                    folders.Push(below);
            }
        }

        return entries;
    }
}
