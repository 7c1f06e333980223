using System.Runtime.InteropServices;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Compression;

/// <summary>The functions of liblz4 that Core uses: whole blocks.</summary>
internal static unsafe partial class Liblz4
{
    /// <summary>Compresses into one block; false when it does not fit.</summary>
    public static bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int acceleration, out int written)
    {
        NativeLibraries.Register();
        byte none; // an empty span pins as null
        try
        {
            fixed (byte* from = source, to = destination)
            {
                written = LZ4_compress_fast(
                    from == null ? &none : from, to == null ? &none : to, source.Length, destination.Length, acceleration);
            }
        }
        catch (DllNotFoundException exception)
        {
            throw NativeLibraries.Missing(NativeLibraries.Lz4, exception);
        }
        return written > 0;
    }

    /// <summary>
    /// Decompresses one block; the number of bytes, or negative when the source is broken or holds more than the destination.
    /// </summary>
    public static int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        NativeLibraries.Register();
        byte none; // an empty span pins as null
        try
        {
            fixed (byte* from = source, to = destination)
                return LZ4_decompress_safe(from == null ? &none : from, to == null ? &none : to, source.Length, destination.Length);
        }
        catch (DllNotFoundException exception)
        {
            throw NativeLibraries.Missing(NativeLibraries.Lz4, exception);
        }
    }

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial int LZ4_compress_fast(byte* source, byte* destination, int length, int capacity, int acceleration);

    [LibraryImport(NativeLibraries.Lz4)]
    private static partial int LZ4_decompress_safe(byte* source, byte* destination, int length, int capacity);
}
