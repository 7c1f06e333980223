using System.Globalization;
using Megatorrent.Cluster;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Nodes;

/// <summary>
/// A real node in a process of this program, with a limit on connections of the benchmark's choice. Takes orders on standard input, a line
/// each, and answers each with a line: first of all where it listens; to <see cref="Settle"/>, once memory that nobody uses has been given
/// up, the connections that it holds; at the end of the input it stops.
/// </summary>
internal static class NodeHost
{
    /// <summary>The first argument that starts one; then the folder, the seed of the cluster's key, and the most connections.</summary>
    public const string Verb = "node-host";

    /// <summary>The order to collect garbage and to tell the count of connections.</summary>
    public const string Settle = "settle";

    public static int Run(string[] args)
    {
        RunAsync(args[1], Convert.FromHexString(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        return 0;
    }

    /// <summary>A certificate of the cluster whose key has this seed, good for a day.</summary>
    public static Certificate Certify(SigningKey cluster, Identity identity, Role role)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return Certificate.IssueByCluster(cluster, identity.PublicKey, role, now.AddMinutes(-1), now.AddDays(1));
    }

    private static async Task RunAsync(string folder, byte[] seed, int connectionsMax)
    {
        using SigningKey cluster = SigningKey.FromSeed(seed);
        using Identity identity = Identity.FromSeed(seed);
        int connections = 0;
        await using NodeServer node = await NodeServer.StartAsync(
            new NodeOptions
            {
                DataDirectory = folder,
                Identity = identity,
                Certificate = Certify(cluster, identity, Role.Node),
                ClusterKey = cluster.PublicKey.ToArray(),
                ConfigureSessions = sessions => sessions with
                {
                    MaxConnections = connectionsMax,
                    Observer = happened =>
                    {
                        sessions.Observer?.Invoke(happened);
                        if (happened.Kind == SessionEventKind.Opened)
                            Interlocked.Increment(ref connections);
                        else if (happened.Kind == SessionEventKind.Closed)
                            Interlocked.Decrement(ref connections);
                    },
                },
            },
            CancellationToken.None);
        Console.WriteLine(node.ListenEndpoint);
        while (await Console.In.ReadLineAsync() is Settle)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            Console.WriteLine(Volatile.Read(ref connections).ToString(CultureInfo.InvariantCulture));
        }
    }
}
