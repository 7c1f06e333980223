using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client.Tests;

public sealed class DownloadTests : IDisposable
{
    private static readonly BlobId Root = BlobId.Of("root"u8);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_gets_its_name_mode_and_time_only_when_whole()
    {
        string path = _folder.At("file");
        using (var download = new FileDownload(path, FileManifest(7, mode: 0b101_000_100), Root, overwrite: false))
        {
            download.Write("seven b"u8);
            Assert.False(File.Exists(path));
            download.Complete();
        }

        Assert.Equal("seven b", File.ReadAllText(path));
        Assert.Equal((UnixFileMode)0b101_000_100, File.GetUnixFileMode(path));
        Assert.Equal(DateTime.UnixEpoch.AddTicks(15), File.GetLastWriteTimeUtc(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Nothing_that_is_got_runs_as_whoever_got_it()
    {
        string path = _folder.At("file");
        using (var download = new FileDownload(path, FileManifest(1, mode: 0b111_111_101_101), Root, overwrite: false))
        {
            download.Write("x"u8);
            download.Complete();
        }

        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_link_in_the_place_of_the_partial_file_is_not_written_through()
    {
        string elsewhere = _folder.At("elsewhere"), path = _folder.At("file");
        File.WriteAllText(elsewhere, "mine");
        foreach (string link in (string[])[path + ".mtpart", path + ".mtpart.state"])
        {
            File.CreateSymbolicLink(link, elsewhere);
            var refused = Assert.Throws<MegatorrentException>(() => new FileDownload(path, FileManifest(7), Root, overwrite: false));
            Assert.Equal(ErrorKind.InputOutput, refused.Kind);
            Assert.Contains(link, refused.Message, StringComparison.Ordinal);
            Assert.Equal(elsewhere, new FileInfo(link).LinkTarget); // left alone
            File.Delete(link);
        }

        File.CreateSymbolicLink(path + ".mtpart.state.new", elsewhere);
        using (var download = new FileDownload(path, FileManifest(7), Root, overwrite: false))
        {
            download.Write("sev"u8);
            download.Checkpoint();
            download.Write("en b"u8);
            download.Complete();
        }

        Assert.Equal("seven b", File.ReadAllText(path));
        Assert.Equal("mine", File.ReadAllText(elsewhere));
    }

    [Fact]
    public void A_link_in_the_place_of_the_partial_directory_is_not_written_through()
    {
        string elsewhere = _folder.At("elsewhere"), path = _folder.At("directory");
        Directory.CreateDirectory(elsewhere);
        Directory.CreateSymbolicLink(path + ".mtpart", elsewhere);
        var refused = Assert.Throws<MegatorrentException>(() => new DirectoryDownload(path, TreeManifest(0), [], Root));
        Assert.Equal(ErrorKind.InputOutput, refused.Kind);
        Assert.Equal(elsewhere, new DirectoryInfo(path + ".mtpart").LinkTarget);
        Assert.False(Directory.Exists(path));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public void While_it_is_partial_nobody_else_may_read_it()
    {
        using var download = new FileDownload(_folder.At("file"), FileManifest(7), Root, overwrite: false);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.At("file.mtpart")));
    }

    [Fact]
    public void A_file_goes_on_at_its_checkpoint_and_not_past_it()
    {
        string path = _folder.At("file");
        using (var download = new FileDownload(path, FileManifest(10), Root, overwrite: false))
        {
            download.Write("0123"u8);
            download.Checkpoint();
            download.Write("garbage that was never marked"u8);
        }

        using (var download = new FileDownload(path, FileManifest(10), Root, overwrite: false))
        {
            Assert.Equal(4, download.Resumed);
            download.Write("456789"u8);
            download.Complete();
        }

        Assert.Equal("0123456789", File.ReadAllText(path));
    }

    [Fact]
    public void The_remains_of_another_object_or_damaged_ones_are_not_used()
    {
        string path = _folder.At("file");
        using (var download = new FileDownload(path, FileManifest(10), BlobId.Of("other"u8), overwrite: false))
        {
            download.Write("0123"u8);
            download.Checkpoint();
        }

        using (var download = new FileDownload(path, FileManifest(10), Root, overwrite: false))
        {
            Assert.Equal(0, download.Resumed);
            download.Write("01234"u8);
            download.Checkpoint();
        }

        byte[] state = File.ReadAllBytes(path + ".mtpart.state");
        for (int i = 0; i < state.Length; i++)
        {
            state[i] ^= 4;
            File.WriteAllBytes(path + ".mtpart.state", state);
            Assert.Equal(0, new PartialDownload(path, Root).Load());
            state[i] ^= 4;
        }

        File.WriteAllBytes(path + ".mtpart.state", state);
        Assert.Equal(5, new PartialDownload(path, Root).Load());
        File.WriteAllBytes(path + ".mtpart", "012"u8); // shorter than it was marked
        using var last = new FileDownload(path, FileManifest(10), Root, overwrite: false);
        Assert.Equal(0, last.Resumed);
    }

    [Fact]
    public void A_directory_comes_back_from_its_stream_in_pieces_of_every_size()
    {
        (DirectoryEntry[] entries, byte[] content) = Tree();
        for (int piece = 1; piece <= content.Length + 1; piece++)
        {
            string path = _folder.At($"tree{piece}");
            using (var download = new DirectoryDownload(path, TreeManifest(content.Length), entries, Root))
            {
                for (int at = 0; at < content.Length; at += piece)
                    download.Write(content.AsSpan(at, Math.Min(piece, content.Length - at)));
                Assert.False(Directory.Exists(path));
                download.Complete();
            }

            AssertTree(path, entries);
        }
    }

    [Fact]
    public void A_directory_goes_on_at_every_offset()
    {
        (DirectoryEntry[] entries, byte[] content) = Tree();
        for (int stop = 0; stop <= content.Length; stop++)
        {
            string path = _folder.At($"resumed{stop}");
            using (var download = new DirectoryDownload(path, TreeManifest(content.Length), entries, Root))
            {
                download.Write(content.AsSpan(0, stop));
                download.Checkpoint();
                download.Write(content.AsSpan(stop, Math.Min(3, content.Length - stop)));
            }

            using (var download = new DirectoryDownload(path, TreeManifest(content.Length), entries, Root))
            {
                Assert.Equal(stop, download.Resumed);
                download.Write(content.AsSpan(stop));
                download.Complete();
            }

            AssertTree(path, entries);
        }
    }

    [Fact]
    public void A_tree_is_scanned_without_following_links_and_read_as_one_stream()
    {
        _folder.Write("tree/b", "bbb"u8.ToArray());
        _folder.Write("tree/a/c", "cc"u8.ToArray());
        _folder.Write("tree/empty", []);
        File.CreateSymbolicLink(_folder.At("tree/loop"), "..");
        LocalTree tree = LocalTree.Scan(_folder.At("tree"), CancellationToken.None);
        Assert.Equal(["a", "a/c", "b", "empty", "loop"], tree.Entries.Select(static entry => entry.Path));
        Assert.Equal("..", tree.Entries[^1].Target);
        Assert.Equal(5, tree.ContentLength);
        Assert.Equal("ccbbb", ReadAll(tree));
    }

    [Fact]
    public void Pipes_are_left_out_and_named()
    {
        _folder.Write("tree/a", "a"u8.ToArray());
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", _folder.At("tree/pipe")))
            mkfifo.WaitForExit();
        LocalTree tree = LocalTree.Scan(_folder.At("tree"), CancellationToken.None);
        Assert.Equal(["pipe"], tree.Skipped);
        Assert.Equal("a", ReadAll(tree));
    }

    [Fact]
    public void A_file_that_grew_is_cut_and_one_that_shrank_is_an_error()
    {
        string path = _folder.Write("tree/a", "12345"u8.ToArray());
        LocalTree tree = LocalTree.Scan(_folder.At("tree"), CancellationToken.None);
        File.AppendAllText(path, "678");
        Assert.Equal("12345", ReadAll(tree));
        File.WriteAllText(path, "123");
        var exception = Assert.Throws<MegatorrentException>(() => ReadAll(tree));
        Assert.Equal(ErrorKind.InputOutput, exception.Kind);
        Assert.Contains("shorter", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_survive_to_the_hundred_nanoseconds_before_and_after_1970()
    {
        foreach (DateTime time in (DateTime[])[DateTime.UnixEpoch, DateTime.UnixEpoch.AddTicks(1), DateTime.UnixEpoch.AddTicks(-1), new(2026, 11, 21, 10, 2, 3, DateTimeKind.Utc)])
            Assert.Equal(time, LocalFiles.FromUnixNs(LocalFiles.ToUnixNs(time)));
        Assert.True(LocalFiles.FromUnixNs(long.MaxValue) > new DateTime(2200, 1, 1));
        Assert.True(LocalFiles.FromUnixNs(long.MinValue) < new DateTime(1700, 1, 1));
    }

    private static string ReadAll(LocalTree tree)
    {
        using Stream stream = tree.OpenContent();
        using var bytes = new MemoryStream();
        var buffer = new byte[3];
        while (true)
        {
            ValueTask<int> read = stream.ReadAsync(buffer);
            int count = read.AsTask().GetAwaiter().GetResult();
            if (count == 0)
                return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
            bytes.Write(buffer, 0, count);
        }
    }

    private static (DirectoryEntry[] Entries, byte[] Content) Tree() => (
    [
        new("a", EntryKind.File, 5, 0b110_100_100, 1_000_000_000, ""),
        new("b", EntryKind.Directory, 0, 0b101_000_000, 2_000_000_000, ""),
        new("b/c", EntryKind.Directory, 0, 0b111_101_101, 3_000_000_000, ""),
        new("b/c/empty", EntryKind.File, 0, 0b100_000_000, 4_000_000_000, ""),
        new("b/c/f", EntryKind.File, 7, 0b100_100_100, 5_000_000_000, ""),
        new("b/link", EntryKind.SymbolicLink, 0, 0b111_111_111, 0, "c/f"),
        new("c/unlisted folder/g", EntryKind.File, 1, 0b110_100_100, 6_000_000_000, ""),
        new("z", EntryKind.File, 0, 0b110_100_100, 7_000_000_000, ""),
    ], "aaaaafffffffg"u8.ToArray());

    private static void AssertTree(string path, DirectoryEntry[] entries)
    {
        Assert.Equal("aaaaa", File.ReadAllText(Path.Combine(path, "a")));
        Assert.Equal("fffffff", File.ReadAllText(Path.Combine(path, "b/c/f")));
        Assert.Equal("fffffff", File.ReadAllText(Path.Combine(path, "b/link")));
        Assert.Equal("g", File.ReadAllText(Path.Combine(path, "c/unlisted folder/g")));
        foreach (DirectoryEntry entry in entries)
        {
            FileSystemInfo info = entry.Kind == EntryKind.Directory
                ? new DirectoryInfo(Path.Combine(path, entry.Path))
                : new FileInfo(Path.Combine(path, entry.Path));
            Assert.True(entry.Kind == EntryKind.SymbolicLink ? info.LinkTarget == entry.Target : info.Exists, entry.Path);
            if (entry.Kind == EntryKind.SymbolicLink)
                continue;
            Assert.Equal((UnixFileMode)entry.Mode, info.UnixFileMode);
            Assert.Equal(entry.ModifiedUnixNs, LocalFiles.ToUnixNs(info.LastWriteTimeUtc));
        }
    }

    private static Manifest FileManifest(long length, int mode = 0b110_100_100) => new()
    {
        Kind = ManifestKind.File,
        Name = "file",
        Mode = mode,
        ModifiedUnixNs = 1500,
        Streams = [new ManifestStream(0, [], default, [length])],
    };

    private static Manifest TreeManifest(long length) => new()
    {
        Kind = ManifestKind.Directory,
        Name = "tree",
        Mode = 0b111_101_101,
        Streams = [new ManifestStream(0, [], default, [length]), new ManifestStream(0, [], default, [0])],
    };
}
