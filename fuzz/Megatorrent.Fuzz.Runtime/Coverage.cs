using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Megatorrent.Fuzz.Runtime;

/// <summary>
/// What instrumented code touches: a counter for each edge, and libFuzzer's hooks for comparisons. The instrumenter knows the members by
/// their names. Plain static fields and no static constructor, so that access costs no check.
/// </summary>
public static unsafe class Coverage
{
    /// <summary>One byte for each edge; it wraps around, as libFuzzer expects.</summary>
    public static byte* Counters;

    /// <summary><c>__sanitizer_cov_trace_const_cmp4</c>, or null without libFuzzer.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<uint, uint, void> Compare4Hook;

    /// <summary><c>__sanitizer_cov_trace_const_cmp8</c>, or null without libFuzzer.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<ulong, ulong, void> Compare8Hook;

    /// <summary><c>__sanitizer_weak_hook_memcmp</c>, or null without libFuzzer.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*, nuint, int, void> MemoryHook;

    /// <summary>How many edges were instrumented; the instrumenter writes the number here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int EdgeCount() => 0;

    /// <summary>
    /// Gives the counters their memory. The instrumenter makes it the initializer of this module, so that it runs before any instrumented
    /// code: that lies in modules that refer to this one.
    /// </summary>
    public static void Start() => Counters = (byte*)NativeMemory.AllocZeroed((nuint)EdgeCount() + 1);

    /// <summary>Reports a comparison of a value with a constant.</summary>
    public static void Compare32(int value, int constant)
    {
        if (Compare4Hook != null)
            Compare4Hook((uint)constant, (uint)value);
    }

    /// <summary>Reports a comparison of a value with a constant.</summary>
    public static void Compare64(long value, long constant)
    {
        if (Compare8Hook != null)
            Compare8Hook((ulong)constant, (ulong)value);
    }

    /// <summary>Stands for <c>MemoryExtensions.SequenceEqual</c>, and reports what differs.</summary>
    public static bool SequenceEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Report(left, right);
        return left.SequenceEqual(right);
    }

    /// <summary>Stands for <c>MemoryExtensions.StartsWith</c>, and reports what differs.</summary>
    public static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start)
    {
        Report(text, start);
        return text.StartsWith(start);
    }

    private static void Report(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int length = Math.Min(left.Length, right.Length);
        if (MemoryHook == null || length < 2)
            return;
        int order = left[..length].SequenceCompareTo(right[..length]);
        if (order == 0)
            return;
        fixed (byte* first = left, second = right)
            MemoryHook((void*)length, first, second, (nuint)length, order); // libFuzzer wants the place of the call: the length has to do
    }
}
