using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>Puts from memory and reads into memory.</summary>
internal static class ClientExtensions
{
    /// <summary>Puts bytes as a file.</summary>
    public static async Task<PutResult> PutBytesAsync(
        this MegatorrentClient client, byte[] bytes, PutOptions? options = null, IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default, string name = "data")
    {
        using var source = new MemoryStream(bytes, writable: false);
        return await client.PutAsync(source, name, options ?? new PutOptions(), progress, cancellationToken);
    }

    /// <summary>Reads a range, or all that follows.</summary>
    public static async Task<byte[]> ReadBytesAsync(this MegatorrentClient client, Capability capability, long offset = 0, long? length = null)
    {
        using var destination = new MemoryStream();
        await client.CatAsync(capability, destination, offset, length);
        return destination.ToArray();
    }
}
