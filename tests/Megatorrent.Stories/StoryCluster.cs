using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Wire;

namespace Megatorrent.Stories;

/// <summary>A cluster of real processes, a client of it in this process, and the objects that were acknowledged.</summary>
internal sealed class StoryCluster : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static int _clusters;

    private readonly StoryContext _story;
    private readonly NodeNetwork _network;
    private readonly string[] _settings;
    private readonly List<StoryNode> _nodes = [];
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly List<StoredFile> _files = [];
    private MegatorrentClient? _client;
    private Credential? _credential;

    private StoryCluster(StoryContext story, NodeNetwork network, string[] settings)
    {
        _story = story;
        _network = network;
        _settings = settings;
        _random = new Random(story.Seed);
    }

    /// <summary>The nodes, by number.</summary>
    public IReadOnlyList<StoryNode> Nodes => _nodes;

    /// <summary>The network that they are on.</summary>
    public NodeNetwork Network => _network;

    /// <summary>The client in this process.</summary>
    public MegatorrentClient Client => _client ?? throw new InvalidOperationException("The cluster is not started.");

    /// <summary>What was acknowledged and not forgotten.</summary>
    public StoredFile[] Files
    {
        get
        {
            lock (_gate)
                return [.. _files];
        }
    }

    private string Data => Path.Combine(_story.Folder, "cluster");

    /// <summary>The environment of a command line that finds this cluster.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["XDG_CONFIG_HOME"] = Path.Combine(_story.Folder, "config"),
        ["MEGATORRENT_CLUSTER"] = string.Join(',', _nodes.Select(static node => node.Endpoint)),
        ["MEGATORRENT_CREDENTIAL"] = Path.Combine(Data, "admin.credential"),
    };

    /// <summary>Starts nodes that notice deaths within seconds, and waits until a client sees them all.</summary>
    public static async Task<StoryCluster> StartAsync(StoryContext story, NodeNetwork network, int nodes, params string[] settings)
    {
        var cluster = new StoryCluster(
            story, network,
            ["--heartbeat", "300ms", "--suspect", "2s", "--grace", "3s", "--repair-period", "15s", "--scrub-period", "0s", .. settings]);
        try
        {
            await cluster.GrowAsync(nodes);
            cluster._credential = CredentialStore.Load(
                new ClientEnvironment(static _ => null, static _ => { }), Path.Combine(cluster.Data, "admin.credential"));
            await cluster.ConnectAsync();
            await cluster.UntilLivingAsync(nodes);
            story.Say($"{nodes} nodes see each other");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds nodes with certificates of this cluster, and starts them.</summary>
    public async Task GrowAsync(int count, Action<StoryNode>? beforeStart = null)
    {
        // `cluster up` makes keys and certificates; the processes are ours, so that they can be cut off from each other.
        int total = _nodes.Count + count;
        string port = (31_000 + (100 * Interlocked.Increment(ref _clusters))).ToString(CultureInfo.InvariantCulture);
        Shell.Succeed(
            new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Path.Combine(_story.Folder, "config") },
            _story.Binary, "cluster", "up", "--data", Data + "-keys", "--nodes", $"{total}", "--base-port", port);
        Shell.Succeed(
            new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Path.Combine(_story.Folder, "config") },
            _story.Binary, "cluster", "down", "--data", Data + "-keys");
        Directory.CreateDirectory(Data);
        File.Copy(Path.Combine(Data + "-keys", "admin.credential"), Path.Combine(Data, "admin.credential"), overwrite: true);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data + "-keys", "cluster.json")));
        JsonElement[] made = [.. document.RootElement.GetProperty("nodes").EnumerateArray()];
        for (int number = _nodes.Count; number < total; number++)
        {
            string folder = Path.Combine(Data, $"node{number + 1}");
            CopyKeys(made[number].GetProperty("data").GetString()!, folder);
            string endpoint = _network.EndpointOf(number);
            string[] command =
            [
                .. _network.Add(number), _story.Binary, "node", "--json", "--data", folder, "--listen", endpoint, "--domain", $"rack{number + 1}",
                "--log", Path.Combine(folder, "node.log"), .. _settings,
                .. number == 0 ? Array.Empty<string>() : ["--join", string.Join(',', _nodes.Take(3).Select(static node => node.Endpoint))],
            ];
            var node = new StoryNode(number, folder, endpoint, command);
            _nodes.Add(node);
            beforeStart?.Invoke(node);
            await node.StartAsync();
        }
    }

    /// <summary>A client that knows nothing yet, in place of the one before.</summary>
    public async Task ConnectAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _client = await NewClientAsync();
    }

    /// <summary>Another client; the caller disposes it.</summary>
    public ValueTask<MegatorrentClient> NewClientAsync() => MegatorrentClient.ConnectAsync(new ClientOptions
    {
        Endpoints = [.. _nodes.Where(static node => node.IsRunning).Select(static node => node.Endpoint)],
        Credential = _credential!,
    });

    /// <summary>Runs the command line, which must succeed.</summary>
    public string Megatorrent(params string[] arguments) => Shell.Succeed(Environment, [_story.Binary, .. arguments]);

    /// <summary>Tries to change a node's weight; gives the command's error, or null when it was done.</summary>
    public string? LayoutRefusal(StoryNode node, int weight)
    {
        (int exitCode, string output) = Shell.Run(
            Environment, _story.Binary, "cluster", "weight", node.Endpoint, weight.ToString(CultureInfo.InvariantCulture), "--timeout", "10s");
        return exitCode == 0 ? null : output.Split('\n')[^1];
    }

    /// <summary>Changes a node's weight as soon as that goes, and waits until the nodes say so; gives how many seconds that took.</summary>
    public async Task<double> UntilLayoutChangesAsync(StoryNode node, int weight, int seconds)
    {
        var clock = Stopwatch.StartNew();
        string? refusal = "";
        await UntilAsync(
            () => Task.FromResult((refusal = refusal is null ? null : LayoutRefusal(node, weight)) is null && IsWeight(node, weight)),
            $"the weight of {node.Endpoint} is {weight}", seconds);
        return clock.Elapsed.TotalSeconds;
    }

    private bool IsWeight(StoryNode node, int weight)
    {
        using JsonDocument layout = JsonDocument.Parse(Megatorrent("cluster", "layout", "--json"));
        return layout.RootElement.GetProperty("nodes").EnumerateArray()
            .Any(one => one.GetProperty("endpoint").GetString() == node.Endpoint && one.GetProperty("weight").GetInt64() == weight);
    }

    /// <summary>Puts an object of so many random bytes and remembers it.</summary>
    /// <param name="length">How many.</param>
    /// <param name="client">Who puts; null: the cluster's own client.</param>
    /// <param name="deduplicate">Whether equal content is stored once.</param>
    public async Task<StoredFile> PutAsync(int length, MegatorrentClient? client = null, bool deduplicate = false)
    {
        int seed;
        lock (_gate)
            seed = _random.Next();
        return await PutAsync(seed, length, client ?? Client, deduplicate);
    }

    /// <summary>Puts, deduplicating, the bytes of an object that was put before.</summary>
    public Task<StoredFile> PutAgainAsync(StoredFile file) => PutAsync(file.Seed, file.Length, Client, deduplicate: true);

    /// <summary>Forgets an object.</summary>
    public async Task ForgetAsync(StoredFile file)
    {
        lock (_gate)
            _files.Remove(file);
        LeaseResult result = await Client.ForgetAsync(file.Capability);
        if (result.Confirmed < result.Stripes)
            throw new StoryException($"only {result.Confirmed} of {result.Stripes} stripes were forgotten: {string.Join("; ", result.Problems)}");
    }

    /// <summary>The numbers of a service on each node that answers, as `status` has them.</summary>
    public Dictionary<string, long>[] NumbersOf(string service)
    {
        using JsonDocument status = JsonDocument.Parse(Megatorrent("status", "--json"));
        return [.. status.RootElement.GetProperty("nodes").EnumerateArray()
            .Select(node => node.GetProperty("services").GetProperty(service).EnumerateObject()
                .ToDictionary(static number => number.Name, static number => number.Value.GetInt64()))];
    }

    private async Task<StoredFile> PutAsync(int seed, int length, MegatorrentClient client, bool deduplicate)
    {
        byte[] bytes = BytesOf(seed, length);
        PutResult put = await client.PutAsync(
            new MemoryStream(bytes), "object", new PutOptions { Compression = CompressionKind.None, Deduplicate = deduplicate });
        var file = new StoredFile(put.Capability, seed, length);
        lock (_gate)
            _files.Add(file);
        return file;
    }

    /// <summary>Reads an object and compares it with what was put.</summary>
    public async Task CheckAsync(StoredFile file, MegatorrentClient? client = null)
    {
        using var got = new MemoryStream(file.Length);
        await (client ?? Client).CatAsync(file.Capability, got);
        if (!got.GetBuffer().AsSpan(0, (int)got.Length).SequenceEqual(BytesOf(file.Seed, file.Length)))
            throw new StoryException($"an object of {file.Length} bytes came back changed: {file.Capability}");
    }

    /// <summary>Reads every object that was acknowledged; each must be equal.</summary>
    public async Task CheckAllAsync()
    {
        foreach (StoredFile file in Files)
        {
            try
            {
                await CheckAsync(file);
            }
            catch (MegatorrentException exception)
            {
                throw new StoryException($"an acknowledged object cannot be read: {exception.Message}");
            }
        }
    }

    /// <summary>Waits until the client sees so many living members.</summary>
    public Task UntilLivingAsync(int count, int seconds = 120) => UntilAsync(
        async () => (await Client.RefreshAsync()).Living.Count(static member => member.State == MemberState.Alive) == count,
        $"{count} members alive", seconds);

    /// <summary>Waits until every blob of every object was read and is right; gives how long that took.</summary>
    public async Task<TimeSpan> UntilHealthyAsync(int seconds = 300)
    {
        var clock = Stopwatch.StartNew();
        var open = new Queue<StoredFile>(Files);
        await UntilAsync(
            async () =>
            {
                while (open.TryPeek(out StoredFile file))
                {
                    VerifyReport report = await Client.VerifyAsync(file.Capability);
                    if (!report.Healthy)
                        return false;
                    open.Dequeue();
                }
                return true;
            },
            "every object at full strength", seconds);
        return clock.Elapsed;
    }

    /// <summary>Waits until something is so; failures to reach the cluster are not yet so.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds)
    {
        var clock = Stopwatch.StartNew();
        using var looks = new PeriodicTimer(Poll); // other processes do not tell us: each look asks them
        string last = "";
        while (true)
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (MegatorrentException exception)
            {
                last = $": {exception.Message}";
            }
            if (clock.Elapsed.TotalSeconds > seconds)
                throw new StoryException($"not within {seconds} s: {what}{last}");
            await looks.WaitForNextTickAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        _credential?.Dispose();
        foreach (StoryNode node in _nodes)
            node.Dispose();
        _network.Dispose();
    }

    /// <summary>The bytes of an object.</summary>
    public static byte[] BytesOf(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void CopyKeys(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            if (Path.GetFileName(file) is not ("members" or "node.log"))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
