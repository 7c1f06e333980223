using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary>Versions, statuses and the last error: parts 1 and 2 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class LibraryExports
{
    /// <summary>The version of the interface: major part in the upper 16 bits, minor in the lower.</summary>
    public const uint AbiVersion = (0 << 16) | 2;

    // Never freed: it is promised until the process ends.
    private static readonly byte* VersionText = (byte*)Marshal.StringToCoTaskMemUTF8(Version);

    /// <summary>The version of the product, without what the build appends to it.</summary>
    public static string Version =>
        typeof(LibraryExports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [UnmanagedCallersOnly(EntryPoint = "mt_abi_version")]
    private static uint GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "mt_version_string")]
    private static byte* GetVersionString() => VersionText;

    [UnmanagedCallersOnly(EntryPoint = "mt_status_name")]
    private static byte* GetStatusName(int status) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(StatusText.Name((Status)status)));

    [UnmanagedCallersOnly(EntryPoint = "mt_last_error")]
    private static nuint GetLastError(byte* destination, nuint capacity) =>
        (nuint)LastError.Copy(destination is null ? default : new Span<byte>(destination, (int)Math.Min(capacity, int.MaxValue)));
}
