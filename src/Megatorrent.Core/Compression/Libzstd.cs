using System.Runtime.InteropServices;
using Megatorrent.Core.Interop;
using Microsoft.Extensions.ObjectPool;

namespace Megatorrent.Core.Compression;

/// <summary>The functions of libzstd (1.4 or later) that Core uses, over pooled contexts.</summary>
internal static unsafe partial class Libzstd
{
    // A context at level 3 holds 1 to 2 MB of tables; two a processor keep every core busy without growing with the load.
    private static readonly int Retained = 2 * Environment.ProcessorCount;
    private static readonly DefaultObjectPool<Context> CompressContexts = new(new ContextPolicy(compress: true), Retained);
    private static readonly DefaultObjectPool<Context> DecompressContexts = new(new ContextPolicy(compress: false), Retained);

    /// <summary>Compresses into one frame; false when it does not fit.</summary>
    public static bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level, out int written)
    {
        Context context = Get(CompressContexts);
        try
        {
            fixed (byte* from = source, to = destination)
            {
                nuint result = ZSTD_compressCCtx(context.Handle, to, (nuint)destination.Length, from, (nuint)source.Length, level);
                bool fits = ZSTD_isError(result) == 0;
                written = fits ? (int)result : 0;
                return fits;
            }
        }
        finally
        {
            CompressContexts.Return(context);
        }
    }

    /// <summary>
    /// Decompresses exactly one frame; the number of bytes, or -1 when the source is anything else or holds more than the destination.
    /// Memory does not grow with what a frame claims: the destination is its window.
    /// </summary>
    public static int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Context context = Get(DecompressContexts);
        try
        {
            fixed (byte* from = source, to = destination)
            {
                if (ZSTD_findFrameCompressedSize(from, (nuint)source.Length) != (nuint)source.Length)
                    return -1;
                nuint result = ZSTD_decompressDCtx(context.Handle, to, (nuint)destination.Length, from, (nuint)source.Length);
                return ZSTD_isError(result) == 0 ? (int)result : -1;
            }
        }
        finally
        {
            DecompressContexts.Return(context);
        }
    }

    private static Context Get(DefaultObjectPool<Context> pool)
    {
        NativeLibraries.Register();
        try
        {
            return pool.Get();
        }
        catch (DllNotFoundException exception)
        {
            throw NativeLibraries.Missing(NativeLibraries.Zstd, exception);
        }
    }

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial void* ZSTD_createCCtx();

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_freeCCtx(void* context);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial void* ZSTD_createDCtx();

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_freeDCtx(void* context);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_compressCCtx(void* context, byte* destination, nuint capacity, byte* source, nuint length, int level);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_decompressDCtx(void* context, byte* destination, nuint capacity, byte* source, nuint length);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial nuint ZSTD_findFrameCompressedSize(byte* source, nuint length);

    [LibraryImport(NativeLibraries.Zstd)]
    private static partial uint ZSTD_isError(nuint code);

    /// <summary>A native context that the collector frees when the pool let go of it.</summary>
    private sealed class Context : SafeHandle
    {
        private readonly bool _compress;

        public Context(bool compress)
            : base(0, ownsHandle: true)
        {
            _compress = compress;
            SetHandle((nint)(compress ? ZSTD_createCCtx() : ZSTD_createDCtx()));
            if (IsInvalid)
                throw new MegatorrentException(ErrorKind.LimitExceeded, "There is no memory for a zstd context.");
        }

        public override bool IsInvalid => handle == 0;

        public void* Handle => (void*)handle;

        protected override bool ReleaseHandle() => (_compress ? ZSTD_freeCCtx((void*)handle) : ZSTD_freeDCtx((void*)handle)) == 0;
    }

    private sealed class ContextPolicy(bool compress) : IPooledObjectPolicy<Context>
    {
        public Context Create() => new(compress);

        public bool Return(Context context) => true; // one-shot calls start afresh, also after an error
    }
}
