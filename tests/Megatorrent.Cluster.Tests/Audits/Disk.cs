namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>What happens to files under a running node.</summary>
internal static class Disk
{
    /// <summary>Flips a bit in the middle of a blob, wherever in the folder it lies.</summary>
    public static void Damage(string folder, byte[] blob)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*.seg", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            int at = bytes.AsSpan().IndexOf(blob);
            if (at < 0)
                continue;
            stream.Position = at + blob.Length / 2;
            stream.WriteByte((byte)(blob[blob.Length / 2] ^ 0x10));
            return;
        }
        Assert.Fail($"The blob is in no file of {folder}.");
    }
}
