using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>The arguments put and get.</summary>
internal static class TransferCommands
{
    /// <summary>Puts a file and prints the capability, alone.</summary>
    public static Task PutAsync(string path) => ClusterAccess.WithClientAsync(async client =>
        Console.WriteLine((await client.PutAsync(path, new PutOptions())).Capability));

    /// <summary>Gets a file.</summary>
    public static Task GetAsync(string capability, string path) => ClusterAccess.WithClientAsync(async client =>
        await client.GetAsync(Capability.Parse(capability), path, new GetOptions()));
}
