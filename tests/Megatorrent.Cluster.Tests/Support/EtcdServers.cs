using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Megatorrent.Cluster.Coordination.Etcd;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>
/// Real etcd processes on loopback: TLS with a certificate that openssl made, authentication enabled, one user that may use our keys only.
/// </summary>
internal sealed class EtcdServers : IAsyncDisposable
{
    public const string User = "megatorrent", Password = "correct horse", Root = "root password";

    private const string HowToInstall = "sudo apt-get install --yes --no-install-recommends etcd-server openssl";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("mt-etcd-").FullName;
    private readonly Process?[] _processes;
    private readonly Task[] _ready; // etcd says so as it would say it to systemd
    private readonly int[] _peerPorts;
    private readonly HttpClient _http;

    private EtcdServers(int members)
    {
        _processes = new Process?[members];
        _ready = new Task[members];
        int[] ports = FreePorts(2 * members);
        _peerPorts = ports[members..];
        Endpoints = [.. ports[..members].Select(port => $"https://127.0.0.1:{port}")];
        MakeCertificates();
        Roots = [];
        Roots.ImportFromPemFile(Path.Combine(_folder, "ca.pem"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy =
            new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(Roots);
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
    }

    public string[] Endpoints { get; }

    public X509Certificate2Collection Roots { get; }

    /// <summary>What a node needs to reach it; a short lease, because nothing here is far away.</summary>
    public EtcdOptions Options => new()
    {
        Endpoints = Endpoints,
        TrustedRoots = Roots,
        User = User,
        Password = Password,
        LeaseSeconds = 2,
        RequestTimeoutMs = 3000,
        BackOffMs = 50,
        BackOffMaxMs = 500,
    };

    public static async Task<EtcdServers> StartAsync(int members = 1)
    {
        var servers = new EtcdServers(members);
        try
        {
            for (int i = 0; i < members; i++)
                servers.Start(i);
            await servers.UntilReadyAsync(0);
            await servers.EnableAuthenticationAsync();
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a member anew on what it had on disk.</summary>
    public void Start(int member)
    {
        string[] cluster = [.. _peerPorts.Select((port, i) => $"m{i}=http://127.0.0.1:{port}")];
        string peer = $"http://127.0.0.1:{_peerPorts[member]}";
        string socket = Path.Combine(_folder, $"ready-{member}");
        _ready[member] = NotifiedAsync(socket);
        _processes[member] = Launch(
            "etcd", Path.Combine(_folder, $"log-{member}"), socket,
            "--name", $"m{member}", "--data-dir", Path.Combine(_folder, $"data-{member}"),
            "--listen-client-urls", Endpoints[member], "--advertise-client-urls", Endpoints[member],
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", string.Join(',', cluster), "--initial-cluster-state", "new",
            "--cert-file", Path.Combine(_folder, "server.pem"), "--key-file", Path.Combine(_folder, "server.key"),
            "--heartbeat-interval", "100", "--election-timeout", "1000", "--logger", "zap", "--log-level", "warn");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int member)
    {
        using Process process = _processes[member]!;
        _processes[member] = null;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Until a member has joined and serves, which takes most of its fellows.</summary>
    public async Task UntilReadyAsync(int member)
    {
        using var limit = new CancellationTokenSource(ReadyLimit);
        Task ended = _processes[member]!.WaitForExitAsync(limit.Token);
        if (await Task.WhenAny(_ready[member], ended) == ended)
            Assert.Fail($"etcd did not start: {await File.ReadAllTextAsync(Path.Combine(_folder, $"log-{member}"))}");
        await _ready[member];
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _processes.Length; i++)
        {
            if (_processes[i] is not null)
                await KillAsync(i);
        }
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The socket is there when this returns; the task ends with the first datagram, "READY=1".
    private static Task NotifiedAsync(string path)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return ReceiveAsync();

        async Task ReceiveAsync()
        {
            using (socket)
            {
                var message = new byte[256];
                int length = await socket.ReceiveAsync(message);
                Assert.StartsWith("READY=1", Encoding.ASCII.GetString(message, 0, length), StringComparison.Ordinal);
            }
        }
    }

    private async Task EnableAuthenticationAsync()
    {
        string prefix = Convert.ToBase64String("/megatorrent/"u8), end = Convert.ToBase64String("/megatorrent0"u8);
        await MustAsync("auth/user/add", $$"""{"name":"root","password":"{{Root}}"}""");
        await MustAsync("auth/role/add", """{"name":"root"}""");
        await MustAsync("auth/user/grant", """{"user":"root","role":"root"}""");
        await MustAsync("auth/user/add", $$"""{"name":"{{User}}","password":"{{Password}}"}""");
        await MustAsync("auth/role/add", """{"name":"node"}""");
        await MustAsync(
            "auth/role/grant", $$"""{"name":"node","perm":{"permType":"READWRITE","key":"{{prefix}}","range_end":"{{end}}"} }""");
        await MustAsync("auth/user/grant", $$"""{"user":"{{User}}","role":"node"}""");
        await MustAsync("auth/enable", "{}");
    }

    private async Task MustAsync(string path, string json)
    {
        using HttpResponseMessage answer = await PostAsync(0, path, json, null);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<HttpResponseMessage> PostAsync(int member, string path, string json, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Endpoints[member]}/v3/{path}")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token);
        return await _http.SendAsync(request);
    }

    private void MakeCertificates()
    {
        File.WriteAllText(Path.Combine(_folder, "san.cnf"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
        OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca");
        OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr -subj /CN=etcd");
        OpenSsl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile san.cnf");
    }

    private void OpenSsl(string arguments)
    {
        string log = Path.Combine(_folder, "log-openssl");
        using Process process = Launch("openssl", log, null, arguments.Split(' '));
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"openssl {arguments}: {File.ReadAllText(log)}");
    }

    // Through a shell that turns both outputs to a file and becomes the program: nobody need read a pipe.
    private Process Launch(string program, string log, string? notifySocket, params string[] arguments)
    {
        string[] places = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/bin"];
        if (!places.Any(place => File.Exists(Path.Combine(place, program))))
            Assert.Fail($"{program} is not installed, and this test needs the real one: {HowToInstall}");
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = _folder, UseShellExecute = false };
        foreach (string argument in (string[])["-c", "exec \"$@\" >>\"$0\" 2>&1", log, program, .. arguments])
            start.ArgumentList.Add(argument);
        if (notifySocket is not null)
            start.Environment["NOTIFY_SOCKET"] = notifySocket;
        return Process.Start(start)!;
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }
}
