using System.Text.Json;

namespace Megatorrent.Client.Location;

/// <summary>The file in the configuration folder that says which cluster <c>cluster up</c> left running on this machine.</summary>
public static class ClusterPointer
{
    /// <summary>The pointer, or null when there is none that can be read.</summary>
    public static PointerDocument? Read(ConfigFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize(SecretFile.Read(folder.PointerPath), LocationJson.Default.PointerDocument);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Points at a cluster.</summary>
    public static void Write(ConfigFolder folder, PointerDocument pointer)
    {
        SecretFile.CreateFolder(folder.Path);
        SecretFile.Write(folder.PointerPath, JsonSerializer.Serialize(pointer, LocationJson.Default.PointerDocument) + "\n");
    }

    /// <summary>Removes the pointer where it points at <paramref name="data"/>.</summary>
    public static void RemoveIfAt(ConfigFolder folder, string data)
    {
        if (Read(folder)?.Data == data)
            File.Delete(folder.PointerPath);
    }
}
