using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;

namespace Megatorrent.Cli.Terminal;

/// <summary>How the nodes of a cluster are: asking them, and showing what they say.</summary>
internal static class StatusReport
{
    private const long SecondsLeftMax = 36_525L * 24 * 60 * 60; // a century; nodes may say what they like

    // A node answers from memory; one that takes longer is shown without its numbers.
    private static readonly TimeSpan LimitPerNode = TimeSpan.FromSeconds(5);

    /// <summary>Asks every living member, all at once.</summary>
    /// <param name="client">The connection to the cluster.</param>
    /// <param name="processes">
    /// The processes, where the cluster is on this machine; its nodes that no member knows are added as down.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async ValueTask<StatusDocument> CollectAsync(
        MegatorrentClient client, ClusterDocument? processes, CancellationToken cancellationToken)
    {
        ClusterView view = client.View;
        Dictionary<string, ClusterNode> local = processes?.Nodes.ToDictionary(node => node.Id) ?? [];
        StatusNode[] members = await Task.WhenAll(view.Members.Select(member => AskAsync(client, member, cancellationToken)));
        List<StatusNode> nodes =
        [
            .. members.Select(node => local.TryGetValue(node.Id, out ClusterNode? process) ? node with { Pid = RunningPid(process) }
            : node),
            .. Down(local.Values.Where(node => members.All(member => member.Id != node.Id))),
        ];
        nodes.Sort(static (left, right) => string.CompareOrdinal(left.Domain, right.Domain) is var order && order != 0
            ? order : string.CompareOrdinal(left.Id, right.Id));
        int alive = nodes.Count(node => node.State == MemberState.Alive.ToText());
        bool healthy = alive == nodes.Count && nodes.All(node => node.Repair is { Settled: true }
            && node.Services?.GetValueOrDefault("audit")?.GetValueOrDefault("evidence-late") is not 1); // nothing is green on old evidence
        return new StatusDocument(ClusterId(view), healthy, alive, nodes.Count, nodes);
    }

    /// <summary>The status of a cluster of which no process runs.</summary>
    public static StatusDocument AllDown(ClusterDocument processes) =>
        new(processes.Cluster, false, 0, processes.Nodes.Count, [.. Down(processes.Nodes)]);

    /// <summary>Prints it as a table, or as JSON.</summary>
    public static void Show(CliHost host, StatusDocument document, bool json)
    {
        if (json)
        {
            JsonOutput.Write(host, document, CliJson.Output.StatusDocument);
            return;
        }
        bool hasProcesses = document.Nodes.Any(node => node.Pid is not null);
        TextTable table =
            new(["node", "state", "endpoint", "domain", ">used", ">capacity", ">blobs", "transport", "repair",
                .. hasProcesses ? (string[])[">pid"] : []]);
        foreach (StatusNode node in document.Nodes)
        {
            table.Add(
                node.Id[..Math.Min(10, node.Id.Length)], node.State, node.Endpoint, node.Domain,
                node.UsedBytes is { } used ? Human.Size(used) : "-",
                node.CapacityBytes is { } capacity ? Human.Size(capacity) : "-",
                node.Blobs is { } blobs ? blobs.ToString(CultureInfo.InvariantCulture) : "-",
                node.Transport ?? "-",
                node.Repair is { } repair ? RepairText(repair) : node.Problem ?? "-",
                node.Pid is { } pid ? pid.ToString(CultureInfo.InvariantCulture) : "-");
        }
        table.Write(host.Out, host.OutWidth);
        host.Out.WriteLine(Summary(document));
        host.Out.Flush();
    }

    /// <summary>Repair of a node in few words, the worst first.</summary>
    internal static string RepairText(StatusRepair repair)
    {
        if (repair.Unrecoverable > 0)
            return $"{Human.Count(repair.Unrecoverable, "stripe")} unrecoverable";
        if (repair.UnderRepair > 0 || repair.Endangered > 0)
            return $"{Human.Count(Math.Max(repair.Endangered, repair.UnderRepair), "stripe")} to repair{LeftText(repair)}";
        if (repair.Waiting > 0)
            return $"{Human.Count(repair.Waiting, "stripe")} waiting";
        return repair.Settled ? "settled" : "checking";
    }

    private static string LeftText(StatusRepair repair)
    {
        if (repair.BytesToMove == 0)
            return "";
        string time = repair.SecondsLeft < 0 ? "" : $", about {Human.Elapsed(TimeSpan.FromSeconds(repair.SecondsLeft))}";
        return $", {Human.Size(repair.BytesToMove)} to move{time}";
    }

    private static string Summary(StatusDocument document)
    {
        string nodes = $"{document.Alive} of {document.Known} nodes alive";
        if (document.Healthy)
            return $"{nodes}; every stripe whole when last looked at; {CheckText(document)}";
        StatusRepair[] repairs = [.. document.Nodes.Select(node => node.Repair).OfType<StatusRepair>()];
        return $"{nodes}; stripes: {repairs.Sum(repair => repair.Healthy)} whole, {repairs.Sum(repair => repair.Endangered)} to repair, "
            + $"{repairs.Sum(repair => repair.Waiting)} waiting, {repairs.Sum(repair => repair.Unrecoverable)} unrecoverable"
            + Progress(repairs) + "; " + CheckText(document);
    }

    // Nodes restore side by side: it is over when the last one is.
    private static string Progress(StatusRepair[] repairs)
    {
        long left = repairs.Sum(repair => repair.BytesToMove);
        if (left == 0)
            return "";
        string progress = $"; {Human.Size(repairs.Sum(repair => repair.BytesDone))} moved, {Human.Size(left)} to move, "
            + $"{Human.Size(repairs.Sum(repair => repair.BytesPerSecond))}/s";
        return Array.Exists(repairs, repair => repair.SecondsLeft < 0)
            ? progress
            : $"{progress}, about {Human.Elapsed(TimeSpan.FromSeconds(repairs.Max(repair => repair.SecondsLeft)))} left";
    }

    /// <summary>The age of the oldest check of any blob on any node that answered.</summary>
    internal static string CheckText(StatusDocument document)
    {
        long oldestMs = 0;
        bool told = false;
        foreach (StatusNode node in document.Nodes)
        {
            if (node.Services?.GetValueOrDefault("audit") is not { } audit)
                continue;
            told = true;
            if (audit.GetValueOrDefault("scrub-unknown-segments") > 0)
                return "oldest blob check: unknown";
            oldestMs = Math.Max(oldestMs, audit.GetValueOrDefault("scrub-oldest-ms"));
        }
        return told ? string.Create(CultureInfo.InvariantCulture, $"oldest blob check: {oldestMs / 86_400_000.0:F1} d") : "oldest blob check: unknown";
    }

    // Every record was validated against the cluster's key, so any of them names it.
    private static string ClusterId(ClusterView view) =>
        view.Members.Count > 0 ? Convert.ToHexStringLower(view.Members[0].Record.Certificate.ClusterKey) : "";

    private static IEnumerable<StatusNode> Down(IEnumerable<ClusterNode> nodes) =>
        nodes.Select(node => new StatusNode(node.Id, "down", node.Listen, node.Domain) { Pid = RunningPid(node) });

    private static int? RunningPid(ClusterNode node) => ClusterLauncher.IsRunning(node) ? node.Pid : null;

    private static async Task<StatusNode> AskAsync(MegatorrentClient client, Member member, CancellationToken cancellationToken)
    {
        StatusNode node = new(member.Id.ToString(), member.State.ToText(), member.Endpoint, member.Domain);
        if (!member.IsLiving)
            return node;
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(LimitPerNode);
        try
        {
            NodeStatus status = await client.StatusAsync(member, limited.Token);
            return node with
            {
                Version = status.Version,
                Transport = status.Transport.Length > 0 ? status.Transport : null,
                CapacityBytes = status.CapacityBytes,
                UsedBytes = status.UsedBytes,
                LiveBytes = status.LiveBytes,
                Blobs = status.Blobs,
                Stripes = status.Stripes,
                Repair = ToRepair(status.Repair),
                Services = status.Services,
                LastScrub = status.Scrub.EndedUnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(status.Scrub.EndedUnixMs) : null,
            };
        }
        catch (MegatorrentException exception) when (exception.Kind is not ErrorKind.Canceled)
        {
            return node with { Problem = exception.Message };
        }
        catch (Exception exception) when (StallGuard.IsCancellation(exception) && !cancellationToken.IsCancellationRequested)
        {
            return node with { Problem = $"no answer within {Human.Elapsed(LimitPerNode)}" };
        }
    }

    private static StatusRepair ToRepair(RepairStatus repair) => new(
        repair.Settled, repair.Running, repair.StripesHealthy, repair.StripesEndangered, repair.StripesWaiting, repair.StripesUnrecoverable,
        repair.StripesUnderRepair, repair.StripesRepairedTotal, repair.BlobsRestoredTotal, repair.BytesMovedTotal, repair.BytesToMove,
        repair.BytesDone, repair.BytesPerSecond, Math.Min(repair.SecondsLeft, SecondsLeftMax), repair.LimitBytesPerSecond,
        repair.StripesSurplus, repair.SurplusRemovedTotal);
}
