using Megatorrent.Core;

namespace Megatorrent.Network.Tests.Support;

internal static class Blobs
{
    public static byte[] Make(int length, ulong seed)
    {
        var bytes = new byte[length];
        new SeededRandomSource(seed).Fill(bytes);
        return bytes;
    }
}
