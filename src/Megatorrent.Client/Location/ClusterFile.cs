using System.Text.Json;
using Megatorrent.Core;

namespace Megatorrent.Client.Location;

/// <summary>The file <c>cluster.json</c> in the directory of a cluster on one machine.</summary>
public static class ClusterFile
{
    /// <summary>Where the file of a cluster's directory is.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "cluster.json");

    /// <summary>What the file holds, or null where there is none.</summary>
    /// <param name="folder">The cluster's directory.</param>
    /// <exception cref="MegatorrentException">Malformed: the file is damaged.</exception>
    public static ClusterDocument? TryRead(string folder)
    {
        try
        {
            ClusterDocument? document = JsonSerializer.Deserialize(SecretFile.Read(PathIn(folder)), LocationJson.Default.ClusterDocument);
            return document is { Nodes: not null, Cluster: not null } ? document : throw new JsonException("it has no nodes");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw new MegatorrentException(ErrorKind.Malformed, $"{PathIn(folder)} is damaged: {exception.Message}", exception);
        }
    }
}
