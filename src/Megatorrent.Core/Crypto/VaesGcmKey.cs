using System.Runtime.InteropServices;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Crypto;

/// <summary>
/// A key for our own AES-256-GCM (native/shim/megatorrent_gcm.c, whose signatures these are), which uses the 256-bit AES instructions of
/// processors without AVX-512.
/// </summary>
internal sealed unsafe partial class VaesGcmKey : NativeAeadKey
{
    public VaesGcmKey(ReadOnlySpan<byte> key)
        : base(mtgcm_key_length())
    {
        fixed (byte* from = key)
            mtgcm_expand(from, Expanded);
    }

    /// <summary>Whether the processor has the instructions and the shim is there. Nothing else may be called where not.</summary>
    public static bool IsAvailable { get; } = IpsecMb.IsAvailable && mtgcm_supported() != 0;

    /// <summary>One message under a key that is not kept.</summary>
    public static void SealOnce(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        fixed (byte* k = key, n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData)
            mtgcm_seal_once(k, n, p, c, (ulong)plaintext.Length, a, (ulong)associatedData.Length, t);
    }

    /// <summary>One message under a key that is not kept.</summary>
    public static bool TryOpenOnce(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        fixed (byte* k = key, n = nonce, c = ciphertext, t = tag, p = plaintext, a = associatedData)
            return mtgcm_open_once(k, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t) == 1;
    }

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        fixed (byte* n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData)
            mtgcm_seal(Expanded, n, p, c, (ulong)plaintext.Length, a, (ulong)associatedData.Length, t);
        GC.KeepAlive(this);
    }

    public override bool TryOpen(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        int result;
        fixed (byte* n = nonce, c = ciphertext, t = tag, p = plaintext, a = associatedData)
            result = mtgcm_open(Expanded, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t);
        GC.KeepAlive(this);
        return result == 1;
    }

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial int mtgcm_supported();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial nuint mtgcm_key_length();

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial void mtgcm_expand(byte* key, void* expanded);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial void mtgcm_seal(
        void* expanded, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial int mtgcm_open(
        void* expanded, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial void mtgcm_seal_once(
        byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);

    [LibraryImport(NativeLibraries.IpsecMbShim)]
    private static partial int mtgcm_open_once(
        byte* key, byte* nonce, byte* source, byte* destination, ulong length, byte* aad, ulong aadLength, byte* tag);
}
