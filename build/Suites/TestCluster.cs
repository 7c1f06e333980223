using System.Runtime.InteropServices;
using System.Text.Json;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Six nodes of the published binary on loopback, with a user configuration of their own, in a temporary folder. They are real processes
/// that outlive us if nobody stops them: <see cref="Dispose"/> does, and so does a signal that ends the build tool.
/// </summary>
internal sealed class TestCluster : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly Lock Gate = new();
    private static readonly HashSet<TestCluster> Running = [];
    private static volatile bool _ending;

    /// <summary>Kept, because a registration that is collected is no longer one.</summary>
    private static readonly PosixSignalRegistration[] Signals =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    private readonly Lock _nodes = new(); // what starts nodes and what stops them must not overlap
    private readonly Checkout _checkout;
    private readonly string _configuration;

    private TestCluster(Checkout checkout, string folder)
    {
        _checkout = checkout;
        Folder = folder;
        Data = Path.Combine(folder, "cluster");
        _configuration = Path.Combine(folder, "config");
    }

    /// <summary>Scratch space; deleted at the end.</summary>
    public string Folder { get; }

    /// <summary>The folder that <c>cluster up</c> and <c>cluster down</c> were given.</summary>
    public string Data { get; }

    /// <summary>What a client needs to find the cluster, and a suite to run: see <c>tests/abi/README.md</c>.</summary>
    public (string Name, string Value)[] Environment { get; private set; } = [];

    /// <summary>Starts a cluster, and returns when its nodes see each other.</summary>
    /// <exception cref="BuildException">It did not start; nothing of it is left.</exception>
    public static TestCluster Start(Checkout checkout)
    {
        TestCluster cluster = new(checkout, Directory.CreateTempSubdirectory("megatorrent-test-").FullName);
        lock (Gate)
            Running.Add(cluster);
        try
        {
            cluster.Up();
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Runs <c>megatorrent</c> with this cluster; it must succeed.</summary>
    /// <returns>What it printed on standard output.</returns>
    /// <exception cref="BuildException">It failed; the message has what it said.</exception>
    public string Megatorrent(params string[] arguments) =>
        Shell.Succeed(_checkout.Binary, arguments, Folder, Limit, [("XDG_CONFIG_HOME", _configuration), .. Environment]);

    /// <summary>Gives the variables of this cluster to this process and so to every program that it starts, until the result is disposed.</summary>
    public IDisposable Export() => new ExportedVariables(Environment);

    /// <summary>Stops the nodes, those that run, and deletes the folder.</summary>
    public void Dispose()
    {
        lock (Gate)
            Running.Remove(this);
        TakeDown(); // also when a signal has begun to: we must not end before it has
    }

    private static void OnSignal(PosixSignalContext context)
    {
        _ending = true; // what we were doing fails now, and must not begin again
        TestCluster[] running;
        lock (Gate)
        {
            running = [.. Running];
            Running.Clear();
        }

        foreach (TestCluster cluster in running)
            cluster.TakeDown();
    }

    private void Up()
    {
        Random ports = new(System.Environment.ProcessId);
        for (int attempt = 1; ; attempt++)
        {
            // Another process may take a port between the look and the node's start; below 32768 no outgoing connection does.
            string basePort = ports.Next(12_000, 32_000).ToString();
            try
            {
                lock (_nodes)
                {
                    if (_ending)
                        throw new BuildException("interrupted.");
                    Megatorrent("cluster", "up", "--data", Data, "--base-port", basePort);
                }

                break;
            }
            catch (BuildException) when (attempt < 3 && !_ending)
            {
                TakeDown();
                Directory.CreateDirectory(Folder);
            }
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "cluster.json")));
        Environment =
        [
            ("XDG_CONFIG_HOME", _configuration),
            ("MEGATORRENT_CLUSTER",
                string.Join(',', document.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("listen").GetString()))),
            ("MEGATORRENT_CREDENTIAL", Path.Combine(_configuration, "megatorrent", "credential")),
            ("MT_CLUSTER_DATA", Data),
            .. _checkout.Variables,
        ];
    }

    private void TakeDown()
    {
        lock (_nodes)
        {
            try
            {
                if (Directory.Exists(Data))
                    Megatorrent("cluster", "down", "--data", Data);
                if (Directory.Exists(Folder))
                    Directory.Delete(Folder, recursive: true);
            }
            catch (Exception exception) when (exception is BuildException or IOException or UnauthorizedAccessException)
            {
                // It must not hide why the test ended; that processes or files were left is worth a line all the same.
                Console.Error.WriteLine($"the test cluster in {Folder} could not be removed: {exception.Message}");
            }
        }
    }

    private sealed class ExportedVariables : IDisposable
    {
        private readonly (string Name, string? Before)[] _before;

        public ExportedVariables((string Name, string Value)[] variables)
        {
            _before = [.. variables.Select(variable => (variable.Name, System.Environment.GetEnvironmentVariable(variable.Name)))];
            foreach ((string name, string value) in variables)
                System.Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose()
        {
            foreach ((string name, string? before) in _before)
                System.Environment.SetEnvironmentVariable(name, before);
        }
    }
}
