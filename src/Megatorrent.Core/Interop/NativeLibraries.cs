using System.Reflection;
using System.Runtime.InteropServices;

namespace Megatorrent.Core.Interop;

/// <summary>
/// Finds the C libraries that Core calls. A NativeAOT program links them statically and never comes here; under the JIT the
/// development name (<c>libsodium.so</c>) is tried first and then the name with the ABI version (<c>libsodium.so.23</c>), which is
/// all that a Debian machine without the -dev package has.
/// </summary>
internal static class NativeLibraries
{
    public const string Sodium = "libsodium";
    public const string Zstd = "libzstd";
    public const string Lz4 = "liblz4";
    public const string IpsecMbShim = "libmegatorrent_ipsecmb";

    private static readonly Lock Gate = new();
    private static volatile bool _registered;

    /// <summary>Installs the resolver for this assembly. Every class with imports calls it before its first import.</summary>
    public static void Register()
    {
        if (_registered)
            return;
        lock (Gate)
        {
            if (_registered)
                return;
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
            _registered = true;
        }
    }

    /// <summary>The failure of a library that is required, with the way out.</summary>
    /// <param name="library">One of the names above.</param>
    /// <param name="inner">What the loader said.</param>
    public static MegatorrentException Missing(string library, Exception inner)
    {
        string package = library switch
        {
            Sodium => "libsodium23",
            Zstd => "libzstd1",
            Lz4 => "liblz4-1",
            _ => library,
        };
        return new MegatorrentException(
            ErrorKind.Unsupported, $"The native library {library} was not found. On Debian: apt-get install {package}", inner);
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath)
    {
        foreach (string name in Candidates(libraryName))
        {
            if (NativeLibrary.TryLoad(name, assembly, searchPath, out nint handle))
                return handle;
        }
        return 0; // the runtime's own search, and its message
    }

    /// <summary>The file names of a library, in the order in which they are tried; none: the runtime searches.</summary>
    public static string[] Candidates(string libraryName) => libraryName switch
    {
        Sodium => OperatingSystem.IsLinux() ? ["libsodium.so", "libsodium.so.23"] : ["libsodium"],
        Zstd => OperatingSystem.IsLinux() ? ["libzstd.so", "libzstd.so.1"] : ["libzstd"],
        Lz4 => OperatingSystem.IsLinux() ? ["liblz4.so", "liblz4.so.1"] : ["liblz4"],
        _ => [],
    };
}
