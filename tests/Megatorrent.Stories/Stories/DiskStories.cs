namespace Megatorrent.Stories.Stories;

/// <summary>Disks fill up and lose what was on them.</summary>
internal static class DiskStories
{
    public static Story[] All { get; } =
    [
        new("disk-full", "the disk under one node is full", false, DiskFullAsync),
        new("segment-deleted", "a node loses a segment file", false, SegmentDeletedAsync),
        new("segment-corrupted", "a run of a segment of a running node turns to noise", false, SegmentCorruptedAsync),
    ];

    private static async Task<string> DiskFullAsync(StoryContext story)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new StoryException("mounting a small disk needs root");
        string disk = Path.Combine(story.Folder, "cluster", "node7");
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_300), 6);
        bool mounted = false;
        try
        {
            await cluster.GrowAsync(1, node =>
            {
                // A real file system with the node's keys on it; the store leaves 64 MiB of any disk alone.
                string keys = node.Folder + "-keys";
                Directory.Move(node.Folder, keys);
                Directory.CreateDirectory(node.Folder);
                Shell.Succeed(null, "mount", "-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", disk);
                mounted = true;
                Shell.Succeed(null, "cp", "-a", keys + "/.", node.Folder);
            });
            await cluster.UntilLivingAsync(7);
            const int EnoughMiB = 24;
            int puts = 0;
            for (; cluster.Nodes[6].StoredBytes < (long)EnoughMiB << 20 && puts < 500; puts++)
                await cluster.PutAsync(1_500_000);
            long used = cluster.Nodes[6].StoredBytes;
            if (used < (long)EnoughMiB << 20)
                throw new StoryException($"the small disk holds only {used} bytes after {puts} objects");
            int before = puts;
            for (; puts < before + story.Scaled(60, 20); puts++)
                await cluster.PutAsync(1_500_000);
            story.Say($"{puts} objects put, the small disk holds {cluster.Nodes[6].StoredBytes >> 20} MiB and takes no more; another program fills the rest");
            Shell.Run(null, "dd", "if=/dev/zero", $"of={disk}/other", "bs=1M", "count=96"); // ends with: no space left on device
            for (int i = 0; i < 20; i++, puts++)
                await cluster.PutAsync(1_500_000);
            string status = cluster.Megatorrent("status");
            await cluster.CheckAllAsync();
            TimeSpan healed = await cluster.UntilHealthyAsync();
            if (!cluster.Nodes[6].IsRunning)
                throw new StoryException("the node with the full disk ended");
            return $"{puts} puts acknowledged past the full disk; all read equal, full strength after {healed.TotalSeconds:0.0} s; "
                + $"the node still serves ({status.Split('\n').Length} lines of status)";
        }
        finally
        {
            if (mounted)
            {
                await cluster.Nodes[6].StopAsync();
                Shell.Run(null, "umount", disk);
            }
        }
    }

    private static async Task<string> SegmentDeletedAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_400), 6);
        await PutSomeAsync(story, cluster);
        StoryNode node = cluster.Nodes[1];
        node.Kill();
        FileInfo segment = node.Segments[0];
        long bytes = segment.Length;
        segment.Delete();
        await node.StartAsync();
        story.Say($"node 2 is back without {segment.Name} ({bytes} bytes)");
        await cluster.CheckAllAsync();
        TimeSpan healed = await cluster.UntilHealthyAsync();
        return $"{bytes >> 20} MiB lost on one node; every read equal before repair; full strength after {healed.TotalSeconds:0.0} s";
    }

    private static async Task<string> SegmentCorruptedAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_500), 6);
        await PutSomeAsync(story, cluster);
        FileInfo segment = cluster.Nodes[3].Segments[0];
        int noise = (int)Math.Min(4 << 20, segment.Length / 2);
        using (FileStream file = new(segment.FullName, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = segment.Length / 4;
            file.Write(StoryCluster.BytesOf(story.Seed, noise));
        }
        story.Say($"{noise} bytes of {segment.Name} on node 4 are noise");
        await cluster.CheckAllAsync();
        (int exitCode, string output) = Shell.Run(cluster.Environment, [story.Binary, "scrub", "--data", cluster.Nodes[3].Folder]);
        if (exitCode != (int)ExitCodeIntegrity)
            throw new StoryException($"a scrub of the damaged node ended with {exitCode} instead of {ExitCodeIntegrity}: {output}");
        TimeSpan healed = await cluster.UntilHealthyAsync();
        return $"{noise >> 20} MiB turned to noise; every read equal; scrub named the damage; full strength after {healed.TotalSeconds:0.0} s";
    }

    private const int ExitCodeIntegrity = 4;

    private static async Task PutSomeAsync(StoryContext story, StoryCluster cluster)
    {
        int count = story.Scaled(60, 10);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(2_000_000);
        await cluster.UntilHealthyAsync();
        story.Say($"{count} objects at full strength");
    }
}
