using System.Diagnostics;
using System.Text.Json;

namespace Megatorrent.EndToEnd.Tests;

/// <summary>
/// Six real node processes of the published binary on loopback, with a user configuration of their own, in a temporary folder.
/// </summary>
internal sealed class TestCluster : IDisposable
{
    private const int FirstPort = 21_000;
    private const int PortsPerCluster = 20;

    private static int _clusters;

    private readonly string[] _settings;
    private readonly int _basePort = FirstPort + (PortsPerCluster * Interlocked.Increment(ref _clusters)); // clusters start side by side

    private TestCluster(int nodes, string[] settings, params (string Name, string Value)[] variables)
    {
        _settings = settings;
        Folder = Directory.CreateTempSubdirectory("megatorrent-e2e-").FullName;
        Environment = variables.Append(("XDG_CONFIG_HOME", Path.Combine(Folder, "config"))).ToDictionary();
        Up(nodes);
    }

    /// <summary>Scratch space; deleted at the end.</summary>
    public string Folder { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public string Data => Path.Combine(Folder, "cluster");

    /// <summary>The nodes as cluster.json lists them.</summary>
    public IReadOnlyList<TestNode> Nodes
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "cluster.json")));
            return [.. document.RootElement.GetProperty("nodes").EnumerateArray().Select(static node => new TestNode(
                node.GetProperty("id").GetString()!,
                node.GetProperty("pid").GetInt32(),
                node.GetProperty("listen").GetString()!,
                node.GetProperty("data").GetString()!))];
        }
    }

    /// <summary>
    /// Starts a cluster that notices deaths and repairs within seconds.
    /// </summary>
    public static TestCluster Start(int nodes = 6, params string[] settings) => new(
        nodes, ["--heartbeat", "200ms", "--suspect", "1s", "--grace", "1s", "--repair-period", "2s", .. settings]);

    /// <summary>Starts one node with a variable in its environment.</summary>
    public static TestCluster StartWith(string variable, string value) => new(1, [], (variable, value));

    /// <summary>Starts the nodes that do not run.</summary>
    public void Up(int? nodes = null)
    {
        string[] count = nodes is { } number ? ["--nodes", $"{number}"] : [];
        Succeed(["cluster", "up", "--data", Data, "--base-port", $"{_basePort}", .. count, .. _settings]);
    }

    public CommandResult Run(params string[] arguments)
    {
        using RunningCommand command = Start(arguments);
        return command.Wait();
    }

    public RunningCommand Start(string[] arguments) => RunningCommand.Start(Environment, arguments);

    /// <summary>Runs a command that must exit with 0.</summary>
    public CommandResult Succeed(params string[] arguments)
    {
        CommandResult result = Run(arguments);
        Assert.True(result.ExitCode == 0, $"megatorrent {string.Join(' ', arguments)}: {result}");
        return result;
    }

    /// <summary>Runs a command that must fail with a code, and a message without a stack trace that has the words.</summary>
    public CommandResult Fail(int exitCode, string words, params string[] arguments)
    {
        CommandResult result = Run(arguments);
        AssertFailed(result, exitCode, words, string.Join(' ', arguments));
        return result;
    }

    public static void AssertFailed(CommandResult result, int exitCode, string words, string what)
    {
        Assert.True(result.ExitCode == exitCode, $"megatorrent {what}: expected exit code {exitCode}, {result}");
        Assert.True(result.Error.Contains(words, StringComparison.OrdinalIgnoreCase), $"megatorrent {what}: '{words}' is not in the message: {result}");
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
    }

    public string Put(string path, params string[] options) => Succeed(["put", path, .. options]).Capability;

    /// <summary>Gets an object and compares it with what was put.</summary>
    public void AssertGets(string capability, string original)
    {
        string copy = Scratch("copy");
        Succeed("get", capability, "-o", copy);
        if (Directory.Exists(original))
            Trees.AssertEqual(original, copy);
        else
            Assert.True(Trees.SameBytes(original, copy), $"{copy} differs from {original}");
        Trees.Delete(copy);
    }

    /// <summary>SIGKILL, as the kernel does it.</summary>
    public static void Kill(TestNode node)
    {
        using Process process = Process.GetProcessById(node.ProcessId);
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>A path in the scratch folder that nothing has.</summary>
    public string Scratch(string name) => Path.Combine(Folder, $"{name}-{Guid.NewGuid():N}");

    /// <summary>A file of seeded bytes, half of them compressible.</summary>
    public string MakeFile(long length, ulong seed)
    {
        string path = Scratch($"file-{length}");
        using FileStream file = File.Create(path);
        var block = new byte[64 * 1024];
        var random = new Core.SeededRandomSource(seed);
        for (long written = 0; written < length; written += block.Length)
        {
            if ((written / block.Length) % 2 == 0)
                random.Fill(block);
            else
                block.AsSpan().Fill((byte)(written / block.Length));
            file.Write(block, 0, (int)Math.Min(block.Length, length - written));
        }

        return path;
    }

    /// <summary>
    /// Verifies until every blob of the object is there and right. Each round reads all of them, so this is evidence and no guess.
    /// </summary>
    public void AwaitHealthy(string capability, int seconds = 60)
    {
        var clock = Stopwatch.StartNew();
        CommandResult result;
        do
        {
            result = Run("verify", capability, "--json");
            if (result.ExitCode == 0 && JsonDocument.Parse(result.Output).RootElement.GetProperty("healthy").GetBoolean())
                return;
        }
        while (clock.Elapsed.TotalSeconds < seconds);
        Assert.Fail($"the object was not healthy within {seconds} s: {result}\n{Logs()}");
    }

    /// <summary>The last lines of every node's log.</summary>
    public string Logs() => string.Join('\n', Nodes.Select(static node =>
        $"--- {node.Data}\n" + string.Join('\n', File.ReadLines(Path.Combine(node.Data, "node.log")).TakeLast(15))));

    public void Dispose()
    {
        using (RunningCommand down = Start(["cluster", "down", "--data", Data]))
            down.Wait(60);
        Trees.Delete(Folder);
    }
}
