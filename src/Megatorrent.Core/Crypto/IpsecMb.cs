using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Crypto;

/// <summary>
/// intel-ipsec-mb through our C shim (native/shim/megatorrent_ipsecmb.c, whose signatures these are). Optional by design: where the shim,
/// the library or the processor's instructions are missing, <see cref="IsAvailable"/> is false and the .NET provider serves; our own
/// kernels, which lie in the same shared object, are not called then either.
/// </summary>
internal static unsafe partial class IpsecMb
{
    /// <summary>What <see cref="mtmb_abi"/> must say; raised with every change of a signature.</summary>
    private const uint Abi = 2;

    [ThreadStatic]
    private static IpsecMbManager? _manager;

    static IpsecMb()
    {
        NativeLibraries.Register();
        try
        {
            if (mtmb_abi() != Abi || !TryGetManager(out IpsecMbManager? manager))
                return;
            Version = Marshal.PtrToStringUTF8((nint)mtmb_version()) ?? "";
            Architecture = Marshal.PtrToStringUTF8((nint)mtmb_arch(manager.Pointer)) ?? "";
            IsAvailable = true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            // not there, or another one: the .NET provider serves
        }
    }

    /// <summary>Whether the library is there and works on this processor.</summary>
    public static bool IsAvailable { get; }

    /// <summary>The library's version, e.g. <c>1.3.0</c>.</summary>
    public static string Version { get; } = "";

    /// <summary>The instruction set it chose: <c>sse</c>, <c>avx</c>, <c>avx2</c> or <c>avx512</c>.</summary>
    public static string Architecture { get; } = "";

    /// <summary>This thread's manager. The pointer may only be used on this thread.</summary>
    /// <exception cref="MegatorrentException">LimitExceeded: there is no memory for it.</exception>
    public static void* GetManager()
    {
        if (!TryGetManager(out IpsecMbManager? manager))
            throw new MegatorrentException(ErrorKind.LimitExceeded, "There is no memory for an ipsec-mb manager.");
        return manager.Pointer;
    }

    private static bool TryGetManager([NotNullWhen(true)] out IpsecMbManager? manager)
    {
        manager = _manager;
        if (manager is not null)
            return true;
        void* pointer = mtmb_create();
        if (pointer == null)
            return false;
        _manager = manager = new IpsecMbManager(pointer);
        return true;
    }

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial uint mtmb_abi();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial byte* mtmb_version();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial byte* mtmb_arch(void* manager);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial void* mtmb_create();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtmb_destroy(void* manager);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial nuint mtmb_gcm_key_length();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtmb_gcm_expand(void* manager, byte* key, void* expanded);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtmb_gcm_seal(
        void* manager, void* expanded, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial int mtmb_gcm_open(
        void* manager, void* expanded, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial void mtmb_gcm_seal_once(
        void* manager, byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial int mtmb_gcm_open_once(
        void* manager, byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial int mtmb_chacha_seal(
        void* manager, byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial int mtmb_chacha_open(
        void* manager, byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    public static partial int mtmb_sha256_many(void* manager, byte** messages, ulong* lengths, nuint count, byte* digests);
}
