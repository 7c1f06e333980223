using System.Text.Json;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>What is put comes back byte for byte, at every size and scheme.</summary>
public sealed class RoundTripTests : IClassFixture<RoundTripTests.Fixture>
{
    private readonly TestCluster _cluster;

    public RoundTripTests(Fixture fixture) => _cluster = fixture.Cluster;

    [Theory]
    [InlineData("1+2")]
    [InlineData("4+2")]
    [InlineData("6+2")]
    [InlineData("10+4")]
    [InlineData("29+51")]
    public void Every_size_comes_back(string scheme)
    {
        foreach (long length in (long[])[0, 1, 1_048_575, 1_048_576, 1_048_577, 12_345_678])
        {
            string file = _cluster.MakeFile(length, seed: (ulong)length + 1);
            string capability = _cluster.Put(file, "--scheme", scheme);
            Assert.StartsWith("mt1:", capability, StringComparison.Ordinal);
            _cluster.AssertGets(capability, file);
        }
    }

    [Fact]
    public void A_large_file_comes_back_and_any_range_of_it()
    {
        string file = _cluster.MakeFile(300_000_000, seed: 5);
        string capability = _cluster.Put(file);
        _cluster.AssertGets(capability, file);

        byte[] bytes = File.ReadAllBytes(file);
        foreach (var (from, to) in ((int, int)[])[(0, 0), (1_048_575, 1_048_576), (4_194_300, 12_000_000), (299_999_999, 299_999_999)])
        {
            using RunningCommand cat = _cluster.Start(["cat", capability, "--range", $"{from}-{to}"]);
            CommandResult result = cat.Wait();
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.True(bytes.AsSpan(from, to - from + 1).SequenceEqual(result.OutputBytes), $"range {from}-{to} differs");
        }
    }

    [Theory]
    [InlineData("--suite", "chacha")]
    [InlineData("--compress", "lz4")]
    [InlineData("--compress", "gzip")]
    [InlineData("--compress", "brotli")]
    [InlineData("--compress", "none")]
    [InlineData("--dedup", "--suite", "aes")]
    public void Every_suite_and_compression_comes_back(params string[] options)
    {
        string file = _cluster.MakeFile(5_000_000, seed: 77);
        _cluster.AssertGets(_cluster.Put(file, options), file);
    }

    [Fact]
    public void A_directory_comes_back_with_modes_times_links_and_names()
    {
        string sdk = Directory.GetDirectories(Path.Combine(DotnetRoot(), "sdk")).Order().Last();
        string tree = _cluster.Scratch("tree");
        Directory.CreateDirectory(tree);
        int files = 0;
        foreach (string source in Directory.EnumerateFiles(sdk, "*", SearchOption.AllDirectories).Take(2_500))
        {
            string target = Path.Combine(tree, Path.GetRelativePath(sdk, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
            File.SetLastWriteTimeUtc(target, DateTime.UnixEpoch.AddDays(files).AddTicks(1234567));
            if (++files % 7 == 0)
                File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.GroupExecute);
        }

        Assert.True(files >= 2_000, $"the SDK has only {files} files");
        string odd = Path.Combine(tree, "żółć", "日本語 и ещё");
        Directory.CreateDirectory(odd);
        File.WriteAllText(Path.Combine(odd, "räksmörgås \"quoted\" \\ back.txt"), "smörgås");
        File.Create(Path.Combine(odd, "empty")).Dispose();
        Directory.CreateDirectory(Path.Combine(tree, "empty folder"));
        File.CreateSymbolicLink(Path.Combine(tree, "dangling"), "../../nowhere");
        File.CreateSymbolicLink(Path.Combine(tree, "folder link"), "żółć");
        Directory.SetLastWriteTimeUtc(odd, DateTime.UnixEpoch.AddDays(9999));
        File.SetUnixFileMode(odd, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        string capability = _cluster.Put(tree);
        _cluster.AssertGets(capability, tree);

        using JsonDocument list = JsonDocument.Parse(_cluster.Succeed("ls", capability, "--json").Output);
        Assert.Equal(
            Trees.Count(tree),
            list.RootElement.GetProperty("entries").GetArrayLength());
        Assert.Contains("日本語 и ещё/räksmörgås", _cluster.Succeed("ls", capability).Output, StringComparison.Ordinal);
        File.SetUnixFileMode(odd, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Putting_a_file_again_in_deduplicating_mode_stores_no_blob_twice()
    {
        string file = _cluster.MakeFile(20_000_000, seed: 31);
        using JsonDocument first = JsonDocument.Parse(_cluster.Succeed("put", file, "--dedup", "--json").Output);
        using JsonDocument second = JsonDocument.Parse(_cluster.Succeed("put", file, "--dedup", "--json").Output);
        Assert.True(first.RootElement.GetProperty("blobsStored").GetInt32() > 0);
        Assert.Equal(0, second.RootElement.GetProperty("blobsStored").GetInt32());
        Assert.Equal(
            first.RootElement.GetProperty("capability").GetString(), second.RootElement.GetProperty("capability").GetString());
    }

    [Fact]
    public void An_interrupted_get_goes_on_where_it_stopped()
    {
        string file = _cluster.MakeFile(300_000_000, seed: 6);
        string capability = _cluster.Put(file, "--compress", "none");
        string copy = _cluster.Scratch("resumed");
        using (RunningCommand get = _cluster.Start(["get", capability, "-o", copy]))
        {
            // A third of the bytes is there: interrupt it as Ctrl-C does. With three of six nodes silent it cannot end before that.
            Signals.SpinUntil(() => get.HasEnded || (File.Exists(copy + ".mtpart") && new FileInfo(copy + ".mtpart").Length > 100_000_000));
            int[] silent = [.. _cluster.Nodes.Take(3).Select(static node => node.ProcessId)];
            try
            {
                Array.ForEach(silent, Signals.Freeze);
                Signals.Interrupt(get.ProcessId);
                CommandResult result = get.Wait();
                Assert.True(result.ExitCode == 130, result.ToString());
            }
            finally
            {
                Array.ForEach(silent, Signals.Thaw);
            }
        }

        Assert.False(File.Exists(copy));
        using JsonDocument again = JsonDocument.Parse(_cluster.Succeed("get", capability, "-o", copy, "--json").Output);
        Assert.InRange(again.RootElement.GetProperty("bytesResumed").GetInt64(), 50_000_000, 300_000_000);
        Assert.True(Trees.SameBytes(file, copy));
        Assert.Empty(Directory.GetFiles(_cluster.Folder, "*.mtpart*"));
    }

    private static string DotnetRoot()
    {
        string runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        return Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
    }

    /// <summary>One cluster for all of these.</summary>
    public sealed class Fixture : IDisposable
    {
        internal TestCluster Cluster { get; } = TestCluster.Start();

        public void Dispose() => Cluster.Dispose();
    }
}
