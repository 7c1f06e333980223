using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Native.Exports;

/// <summary>What the processor is used for: part 14 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ProcessorExports
{
    // Never freed: it is promised until the process ends.
    private static readonly Lazy<nint> KernelsText = new(() => Marshal.StringToCoTaskMemUTF8(Kernels));

    /// <summary>
    /// The baseline that the library was compiled for. The compiler of NativeAOT knows only the instructions of its baseline, so that
    /// each build has one answer, whatever the processor.
    /// </summary>
    public static ReadOnlySpan<byte> Level =>
        Avx512BW.VL.IsSupported ? "x86-64-v4"u8 : Avx2.IsSupported ? "x86-64-v3"u8 : "portable"u8;

    /// <summary>The variants in use, as <c>what=which</c>.</summary>
    public static string Kernels
    {
        get
        {
            StringBuilder text = new();
            text.Append("erasure=").Append(ReedSolomon.SupportedKernels[0].ToString().ToLowerInvariant());
            text.Append(" cipher=").Append(CipherProvider.IsNative ? "ipsec-mb" : ".net");
            text.Append(" sha256=").Append(Sha256.Name);
            return text.ToString();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_processor_level")]
    private static byte* GetLevel() => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Level)); // read-only data, ends with NUL

    [UnmanagedCallersOnly(EntryPoint = "mt_processor_kernels")]
    private static byte* GetKernels()
    {
        try
        {
            return (byte*)KernelsText.Value;
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
            return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("unknown"u8));
        }
    }
}
