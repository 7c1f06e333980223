using System.Runtime.InteropServices;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// Three messages side by side through the processor's SHA instructions (native/shim/megatorrent_sha.c, whose signatures these are).
/// </summary>
internal static unsafe partial class ShaInstructions
{
    /// <summary>Messages that go side by side.</summary>
    public const int LaneCount = 3;

    /// <summary>Whether the processor has them and the shim is there. Nothing else may be called where not.</summary>
    public static bool AreAvailable { get; } = IpsecMb.IsAvailable && mtsha_supported() != 0;

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtsha_sha256_many(byte** messages, ulong* lengths, nuint count, byte* digests);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtsha_sha1_many(byte** messages, ulong* lengths, nuint count, byte* digests);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial int mtsha_supported();
}
