namespace Megatorrent.EndToEnd.Tests;

/// <summary>What bad input gets: the right exit code, a message that says what to do, no stack trace, no partial file.</summary>
public sealed class BadInputTests : IClassFixture<BadInputTests.Fixture>
{
    private readonly TestCluster _cluster;

    public BadInputTests(Fixture fixture) => _cluster = fixture.Cluster;

    [Theory]
    [InlineData("0+2", "no data shard")]
    [InlineData("200+100", "255")]
    [InlineData("four", "4+2")]
    public void A_scheme_that_cannot_be(string scheme, string words)
    {
        string file = _cluster.MakeFile(1000, seed: 1);
        _cluster.Fail(2, words, "put", file, "--scheme", scheme);
    }

    [Fact]
    public void A_path_that_is_missing() => _cluster.Fail(1, "does not exist", "put", _cluster.Scratch("nothing"));

    [Fact]
    public void A_capability_that_was_cut_or_changed()
    {
        string capability = _cluster.Put(_cluster.MakeFile(1000, seed: 2));
        string copy = _cluster.Scratch("copy");
        _cluster.Fail(2, "cut", "get", capability[..^5], "-o", copy);
        char last = capability[20] == 'A' ? 'B' : 'A';
        _cluster.Fail(2, "checksum", "get", capability[..20] + last + capability[21..], "-o", copy);
        _cluster.Fail(2, "mt1:", "get", "hello", "-o", copy);
        Assert.False(File.Exists(copy));
    }

    [Fact]
    public void A_capability_of_something_that_is_not_here() =>
        _cluster.Fail(3, "blobs", "get", "mt1:" + Foreign(), "-o", _cluster.Scratch("copy"));

    [Fact]
    public void Reading_with_a_capability_that_only_verifies()
    {
        string capability = _cluster.Put(_cluster.MakeFile(1000, seed: 3));
        string verify = Core.Manifests.Capability.Parse(capability).ToVerifyOnly().ToString();
        _cluster.Fail(4, "mt1:", "get", verify, "-o", _cluster.Scratch("copy"));
        _cluster.Succeed("verify", verify);
        _cluster.Succeed("repair", verify);
    }

    [Fact]
    public void A_destination_that_is_taken_or_cannot_be_written()
    {
        string file = _cluster.MakeFile(1000, seed: 4);
        string capability = _cluster.Put(file);
        string taken = _cluster.MakeFile(10, seed: 5);
        byte[] before = File.ReadAllBytes(taken);
        CommandResult result = _cluster.Run("get", capability, "-o", taken);
        TestCluster.AssertFailed(result, result.ExitCode == 2 ? 2 : 1, "exists", "get onto a file");
        Assert.Equal(before, File.ReadAllBytes(taken));
        _cluster.Succeed("get", capability, "-o", taken, "--force");
        Assert.True(Trees.SameBytes(file, taken));
        _cluster.Fail(1, "does not exist", "get", capability, "-o", Path.Combine(_cluster.Scratch("no"), "such", "folder"));
    }

    [Fact]
    public void No_cluster_and_no_credential()
    {
        string file = _cluster.MakeFile(1000, seed: 6);
        _cluster.Fail(5, "", "put", file, "--cluster", "127.0.0.1:1");
        var empty = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = _cluster.Scratch("empty") };
        using RunningCommand put = RunningCommand.Start(empty, "put", file, "--cluster", _cluster.Nodes[0].Listen);
        CommandResult result = put.Wait();
        TestCluster.AssertFailed(result, 4, "credential", "put without a credential");
    }

    [Fact]
    public void A_reader_cannot_put_and_a_stranger_gets_nothing()
    {
        string file = _cluster.MakeFile(1000, seed: 7);
        string capability = _cluster.Put(file);
        string credential = _cluster.Scratch("reader");
        string token = _cluster.Succeed("invite", "--role", "reader").Output.Trim();
        _cluster.Succeed("join", token, "--output", credential);
        _cluster.Succeed("get", capability, "-o", _cluster.Scratch("copy"), "--credential", credential);
        _cluster.Fail(4, "writer", "put", file, "--credential", credential);

        using TestCluster other = TestCluster.Start(1);
        string foreign = Path.Combine(other.Folder, "config", "megatorrent", "credential");
        Assert.True(File.Exists(foreign), string.Join('\n', Directory.EnumerateFiles(other.Folder, "*", SearchOption.AllDirectories)));
        _cluster.Fail(4, "", "get", capability, "-o", _cluster.Scratch("copy"), "--credential", foreign, "--cluster", _cluster.Nodes[0].Listen);
    }

    [Fact]
    public void An_expired_invitation_says_so()
    {
        string token = _cluster.Succeed("invite", "--role", "writer", "--expires", "1ms").Output.Trim();
        _cluster.Fail(4, "expired", "join", token, "--output", _cluster.Scratch("credential"));
    }

    [Fact]
    public void A_node_without_a_certificate_says_how_to_get_one() =>
        _cluster.Fail(4, "invite", "node", "--data", _cluster.Scratch("node"), "--listen", "127.0.0.1:0", "--join", _cluster.Nodes[0].Listen);

    [Fact]
    public void Usage_errors_exit_with_2()
    {
        _cluster.Fail(2, "", "put");
        _cluster.Fail(2, "", "fly");
        _cluster.Fail(2, "", "put", "x", "--suite", "rot13");
        _cluster.Fail(2, "range", "cat", "mt1:" + Foreign(), "--range", "9-3");
    }

    [Fact]
    public void Every_command_has_help()
    {
        foreach (string command in (string[])["node", "cluster", "cluster up", "cluster down", "cluster status", "put", "get", "cat", "ls", "verify", "repair", "scrub", "invite", "join", "status", "demo", "version"])
        {
            CommandResult help = _cluster.Succeed([.. command.Split(' '), "--help"]);
            Assert.Contains("--json", help.Output, StringComparison.Ordinal);
        }
    }

    private static string Foreign()
    {
        var capability = new Core.Manifests.Capability(Core.Hashing.BlobId.Of("nowhere"u8), 100, 2, new byte[32]);
        return capability.ToString()["mt1:".Length..];
    }

    /// <summary>One cluster for all of these.</summary>
    public sealed class Fixture : IDisposable
    {
        internal TestCluster Cluster { get; } = TestCluster.Start();

        public void Dispose() => Cluster.Dispose();
    }
}
