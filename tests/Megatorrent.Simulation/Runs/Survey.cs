using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Simulation.Clusters;

namespace Megatorrent.Simulation.Runs;

/// <summary>What really is on the nodes, by looking into their stores and not by asking the cluster.</summary>
internal sealed class Survey(SimCluster cluster)
{
    /// <summary>The running, honest nodes.</summary>
    private SimNode[] Running => [.. cluster.Standing.Where(node => node.IsRunning && node.Lies == Lies.None)];

    /// <summary>Finds the stripes of an object in its manifest, on any node.</summary>
    public async Task<bool> ResolveAsync(SimObject item)
    {
        if (item.Stripes is not null)
            return true;
        StripeDescriptor root = item.Capability.Root;
        foreach (SimNode node in Running)
        {
            if (!node.Server!.Store.Contains(root.Ids[0]))
                continue;
            try
            {
                item.Stripes = await node.RunAsync(async server =>
                {
                    using BlobLease blob = await server.Store.GetAsync(root.Ids[0]);
                    Manifest manifest = Manifest.Open(blob.Memory.Span, item.Capability.Key);
                    return (StripeDescriptor[])[root, .. manifest.Streams[0].Nodes];
                });
                return true;
            }
            catch (Exception exception) when (exception is MegatorrentException or Engine.ProcessDiedException)
            {
                // Another node may have it.
            }
        }
        return false;
    }

    /// <summary>What an object lacks of full strength on the running nodes; null when it has it.</summary>
    public string? Lacking(SimObject item, bool withDescriptors)
    {
        if (item.Stripes is not { } stripes)
            return $"object {item.Number}: nobody has its manifest";
        SimNode[] running = Running;
        foreach (StripeDescriptor stripe in stripes)
        {
            List<SimNode>[] holders = [.. stripe.Ids.ToArray().Select(id => running.Where(node => node.Server!.Store.Contains(id)).ToList())];
            int strength = stripe.IsReplication
                ? holders[0].Select(static node => node.Domain).Distinct(StringComparer.Ordinal).Count()
                : Matched(holders);
            if (strength < stripe.TotalBlobs)
            {
                string where = string.Join("; ", holders.Select(static list => string.Join(",", list.Select(static node => $"{node.Number}@{node.Domain}"))));
                return $"object {item.Number}: stripe {stripe.Id} has {strength} of {stripe.TotalBlobs} blobs in domains of their own ({where})";
            }
            if (withDescriptors && holders.SelectMany(static list => list).FirstOrDefault(node => !node.Server!.Store.ContainsDescriptor(stripe.Id)) is { } bare)
                return $"object {item.Number}: {bare.Name} holds a blob of stripe {stripe.Id} without its descriptor";
        }
        return null;
    }

    /// <summary>The most blobs that can be given a holder each with no failure domain twice.</summary>
    private static int Matched(List<SimNode>[] holders)
    {
        var ownerOf = new Dictionary<string, int>(StringComparer.Ordinal);
        int matched = 0;
        for (int i = 0; i < holders.Length; i++)
        {
            if (Find(i, []))
                matched++;
        }
        return matched;

        bool Find(int blob, HashSet<string> tried)
        {
            foreach (SimNode node in holders[blob])
            {
                if (!tried.Add(node.Domain))
                    continue;
                if (ownerOf.TryGetValue(node.Domain, out int other) && !Find(other, tried))
                    continue;
                ownerOf[node.Domain] = blob;
                return true;
            }
            return false;
        }
    }
}
