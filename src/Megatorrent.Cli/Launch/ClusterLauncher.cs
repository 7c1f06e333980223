using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Launch;

/// <summary>
/// Starts, awaits and stops the node processes of a <see cref="ClusterFolder"/>. Used by <c>cluster</c> and by <c>demo</c>.
/// </summary>
internal sealed class ClusterLauncher(CliHost host, ClusterFolder folder)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The cluster's directory.</summary>
    public ClusterFolder Folder { get; } = folder;

    /// <summary>The processes as <c>cluster.json</c> has them.</summary>
    public IReadOnlyList<ClusterNode> Nodes => Folder.Document.Nodes;

    /// <summary>Whether the process of a node runs.</summary>
    public static bool IsRunning(ClusterNode node) => NodeProcess.IsRunning(node.Pid, node.Data);

    /// <summary>Starts every node that does not run.</summary>
    /// <returns>How many were started.</returns>
    public int StartMissing()
    {
        int started = 0;
        foreach (ClusterNode node in Nodes.Where(node => !IsRunning(node)).ToArray())
        {
            Start(node, []);
            started++;
        }
        return started;
    }

    /// <summary>Starts one node and notes its process id in <c>cluster.json</c>.</summary>
    /// <param name="node">Which; it may be new to the list.</param>
    /// <param name="arguments">What to add to the arguments of every node.</param>
    public ClusterNode Start(ClusterNode node, IReadOnlyList<string> arguments)
    {
        string[] others = [.. Nodes.Where(other => other.Data != node.Data).Select(other => other.Listen)];
        string[] join = others.Length > 0 ? ["--join", string.Join(',', others)] : [];
        string[] all =
            ["--data", node.Data, "--listen", node.Listen, "--domain", node.Domain, .. join, .. Folder.Document.NodeArguments,
                .. arguments];
        SecretFile.CreateFolder(node.Data);
        ClusterNode started = node with { Pid = NodeProcess.Start(all, new NodeFolder(node.Data).LogPath) };
        bool known = Nodes.Any(other => other.Data == node.Data);
        Folder.Save(Folder.Document with
        {
            Nodes = known ? [.. Nodes.Select(other => other.Data == node.Data ? started : other)] : [.. Nodes, started],
        });
        return started;
    }

    /// <summary>
    /// Notes in <c>cluster.json</c> the id that a node, which came with an invitation instead of a certificate, has given itself.
    /// </summary>
    public void NoteIdentity(ClusterNode node)
    {
        using Identity identity = new NodeFolder(node.Data).LoadIdentity();
        string id = identity.Id.ToString();
        Folder.Save(Folder.Document with { Nodes = [.. Nodes.Select(other => other.Data == node.Data ? other with { Id = id } : other)] });
    }

    /// <summary>Waits until each of <paramref name="nodes"/> sees all of them alive.</summary>
    /// <exception cref="MegatorrentException">
    /// Timeout: they do not within <paramref name="limit"/>. Internal: a process ended; the message has the last line of its log.
    /// </exception>
    public async Task WaitUntilTheyMeetAsync(IReadOnlyList<ClusterNode> nodes, Credential credential, TimeSpan limit,
        CancellationToken cancellationToken)
    {
        long start = host.Time.GetTimestamp();
        HashSet<string> expected = [.. nodes.Select(node => node.Listen)];
        List<ClusterNode> waiting = [.. nodes];
        string seen = "";
        while (waiting.Count > 0)
        {
            ClusterNode node = waiting[0];
            if (!IsRunning(node))
                throw new MegatorrentException(
                    ErrorKind.InputOutput, $"the node {node.Domain} ended while it was starting: {LastLogLine(node)}");
            if (host.Time.GetElapsedTime(start) > limit)
            {
                throw new MegatorrentException(
                    ErrorKind.Timeout,
                    $"the nodes did not meet within {Human.Elapsed(limit)}: {node.Domain} {seen}; "
                    + $"its log is {new NodeFolder(node.Data).LogPath}");
            }
            HashSet<string>? alive = await AliveAsSeenByAsync(node, credential, cancellationToken);
            if (alive is not null && expected.IsSubsetOf(alive))
            {
                waiting.RemoveAt(0);
                continue;
            }
            seen = alive is null ? "does not answer" : $"sees {alive.Count} of {expected.Count}";
            await Task.Delay(PollInterval, host.Time, cancellationToken);
        }
    }

    /// <summary>Asks processes to stop, waits, and kills those that take longer than <paramref name="limit"/>.</summary>
    /// <returns>How many stopped by themselves, were killed, or did not run.</returns>
    public static async Task<(int Stopped, int Killed, int NotRunning)> StopAsync(
        IReadOnlyList<ClusterNode> nodes, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        ClusterNode[] running = [.. nodes.Where(IsRunning)];
        foreach (ClusterNode node in running)
            NodeProcess.Terminate(node.Pid);
        long start = time.GetTimestamp();
        while (running.Any(IsRunning) && time.GetElapsedTime(start) < limit)
            await Task.Delay(PollInterval, time, cancellationToken);
        ClusterNode[] stubborn = [.. running.Where(IsRunning)];
        await KillAsync(stubborn, time, cancellationToken);
        return (running.Length - stubborn.Length, stubborn.Length, nodes.Count - running.Length);
    }

    /// <summary>Kills processes and waits until the system has taken them away.</summary>
    public static async Task KillAsync(IReadOnlyList<ClusterNode> nodes, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (ClusterNode node in nodes.Where(IsRunning))
            NodeProcess.Kill(node.Pid);
        while (nodes.Any(IsRunning))
            await Task.Delay(PollInterval, time, cancellationToken);
    }

    private static string LastLogLine(ClusterNode node)
    {
        string path = new NodeFolder(node.Data).LogPath;
        try
        {
            return File.ReadLines(path).LastOrDefault(line => line.Length > 0) ?? $"its log {path} is empty";
        }
        catch (IOException exception)
        {
            return $"its log cannot be read: {exception.Message}";
        }
    }

    // Null: it does not answer (yet).
    private async Task<HashSet<string>?> AliveAsSeenByAsync(ClusterNode node, Credential credential, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            ClientOptions options = new()
            {
                Endpoints = [node.Listen],
                Credential = credential,
                Transport = host.Transport,
                Time = host.Time,
            };
            await using MegatorrentClient client = await MegatorrentClient.ConnectAsync(options, limited.Token);
            return [.. client.View.Members.Where(member => member.State == MemberState.Alive).Select(member => member.Endpoint)];
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout or ErrorKind.Canceled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
