using System.Diagnostics;
using Megatorrent.Core;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Files;

public sealed class PhysicalFileSystemTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mt-files-").FullName;
    private readonly PhysicalFileSystem _files = PhysicalFileSystem.Instance;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Reads_writes_and_lengths()
    {
        string path = Path.Combine(_directory, "a");
        using IFile file = _files.Open(path, FileOpenMode.CreateNew);
        file.Write([new byte[] { 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }], 5);
        Assert.Equal(8, file.Length);
        byte[] bytes = new byte[10];
        Assert.Equal(8, file.Read(bytes, 0));
        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 3, 0, 0], bytes);
        Assert.Equal(0, file.Read(bytes, 8));
        Assert.Equal(0, file.Read(bytes, 100));
        file.SetLength(6);
        Assert.Equal(6, file.Length);
        file.Flush();
        Assert.Equal(ErrorKind.InputOutput, Assert.Throws<MegatorrentException>(() => _files.Open(path, FileOpenMode.CreateNew)).Kind);
        using (IFile emptied = _files.Open(path, FileOpenMode.Create))
            Assert.Equal(0, emptied.Length);
        MegatorrentException missing = Assert.Throws<MegatorrentException>(() => _files.Open(path + "x", FileOpenMode.Read));
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
        Assert.Contains(path + "x", missing.Message, StringComparison.Ordinal);
        using IFile readOnly = _files.Open(path, FileOpenMode.Read);
        MegatorrentException refused = Assert.Throws<MegatorrentException>(() => readOnly.Write([new byte[1]], 0));
        Assert.Equal(ErrorKind.InputOutput, refused.Kind);
    }

    [Fact]
    public void A_cached_read_gives_the_bytes_or_nothing()
    {
        using IFile file = _files.Open(Path.Combine(_directory, "cached"), FileOpenMode.CreateNew);
        byte[] written = Sample.Bytes(1, 100_000);
        file.Write([written], 0);
        file.BeginFlush(0, written.Length);
        file.Flush();
        byte[] bytes = new byte[50_000];
        if (file.TryReadCached(bytes, 7)) // not every file system can
            Assert.Equal(written[7..50_007], bytes);
        Assert.False(file.TryReadCached(bytes, 60_000), "a read past the end is not whole");
        Assert.False(file.TryReadCached(bytes, 1 << 20));
        file.BeginFlush(1 << 20, 1); // a hint about nothing does nothing
        Assert.Equal(written.Length, file.Length);
    }

    [Fact]
    public void More_buffers_than_one_system_call_takes()
    {
        using IFile file = _files.Open(Path.Combine(_directory, "many"), FileOpenMode.CreateNew);
        var buffers = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 3000; i++)
            buffers.Add(new[] { (byte)i, (byte)(i >> 8) });
        file.Write(buffers, 0);
        byte[] bytes = new byte[6000];
        Assert.Equal(6000, file.Read(bytes, 0));
        for (int i = 0; i < 3000; i++)
            Assert.Equal(i, BitConverter.ToUInt16(bytes, i * 2));
    }

    [Fact]
    public void Names()
    {
        string deep = Path.Combine(_directory, "x", "y");
        _files.CreateDirectory(deep);
        _files.CreateDirectory(deep);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(deep));
        using (_files.Open(Path.Combine(deep, "a"), FileOpenMode.CreateNew))
        using (_files.Open(Path.Combine(deep, "b"), FileOpenMode.CreateNew))
        {
        }
        _files.Rename(Path.Combine(deep, "a"), Path.Combine(deep, "b"));
        _files.SyncDirectory(deep);
        Assert.Equal(["b"], _files.List(deep));
        _files.Delete(Path.Combine(deep, "b"));
        _files.Delete(Path.Combine(deep, "b"));
        Assert.Empty(_files.List(deep));
        Assert.InRange(_files.GetFreeBytes(deep), 1, long.MaxValue);
        Assert.Equal(ErrorKind.InputOutput, Assert.Throws<MegatorrentException>(() => _files.SyncDirectory(deep + "z")).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<MegatorrentException>(() => _files.List(deep + "z")).Kind);
    }

    [Fact]
    public void The_full_device_is_a_full_disk()
    {
        if (!File.Exists("/dev/full"))
            return;
        using IFile file = _files.Open("/dev/full", FileOpenMode.ReadWrite);
        MegatorrentException full = Assert.Throws<MegatorrentException>(() => file.Write([new byte[10]], 0));
        Assert.Equal(ErrorKind.StoreFull, full.Kind);
        Assert.Contains("/dev/full", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_open_is_told_who_holds_the_store()
    {
        await using (BlobStore store = await BlobStore.OpenAsync(_files, _directory, new BlobStoreOptions()))
        {
            MegatorrentException refused = await Sample.FailsAsync(
                ErrorKind.InputOutput, async () => await BlobStore.OpenAsync(_files, _directory, new BlobStoreOptions()));
            Assert.StartsWith(
                $"Another process uses this store: process {Environment.ProcessId} holds", refused.Message, StringComparison.Ordinal);
        }
        await using BlobStore again = await BlobStore.OpenAsync(_files, _directory, new BlobStoreOptions());
    }

    [Fact]
    public async Task A_lock_ends_with_its_process()
    {
        if (!File.Exists("/usr/bin/flock"))
            return;
        string path = Path.Combine(_directory, "LOCK");
        using Process other = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["-o", path, "sh", "-c", "echo locked; read line"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        Assert.Equal("locked", await other.StandardOutput.ReadLineAsync());
        MegatorrentException refused = await Sample.FailsAsync(
            ErrorKind.InputOutput, async () => await BlobStore.OpenAsync(_files, _directory, new BlobStoreOptions()));
        Assert.Contains("an unknown one", refused.Message, StringComparison.Ordinal);
        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync();
        await using BlobStore store = await BlobStore.OpenAsync(_files, _directory, new BlobStoreOptions());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_is_named()
    {
        string file = Path.Combine(_directory, "file");
        await File.WriteAllBytesAsync(file, [1]);
        MegatorrentException refused = await Sample.FailsAsync(
            ErrorKind.InputOutput, async () => await BlobStore.OpenAsync(_files, file, new BlobStoreOptions()));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return; // modes are what is tested here
        // No directory on a disk is closed to root, but nobody makes one in the kernel's own file system.
        string closed = Environment.IsPrivilegedProcess ? "/sys/kernel/megatorrent" : Path.Combine(_directory, "closed");
        if (!Environment.IsPrivilegedProcess)
            Directory.CreateDirectory(closed, UnixFileMode.None);
        refused = await Sample.FailsAsync(
            ErrorKind.InputOutput, async () => await BlobStore.OpenAsync(_files, closed, new BlobStoreOptions()));
        Assert.Contains(closed, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_on_real_files_survives_a_restart_with_and_without_its_checkpoint()
    {
        var options = new BlobStoreOptions { SegmentBytes = 64 * 1024 };
        for (int round = 0; round < 3; round++)
        {
            await using (BlobStore store = await BlobStore.OpenAsync(_files, _directory, options))
            {
                Assert.Equal(round * 50, store.Statistics.Blobs);
                Assert.Equal(round == 1, store.Recovery.FromCheckpoint);
                await Task.WhenAll(Enumerable.Range(round * 50, 50).Select(number =>
                    store.PutAsync(Sample.Blob(number, number * 40).Id, Sample.Blob(number, number * 40).Blob).AsTask()));
                for (int number = 0; number < (round + 1) * 50; number++)
                    Assert.Equal(Sample.Blob(number, number * 40).Blob, await Sample.ReadAsync(store, Sample.Blob(number, number * 40).Id));
                Assert.True(store.Statistics.Segments > round);
            }
            if (round == 1)
                _files.Delete(Path.Combine(_directory, "CHECKPOINT"));
        }
    }
}
