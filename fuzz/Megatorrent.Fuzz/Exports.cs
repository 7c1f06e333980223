using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Megatorrent.Fuzz.Runtime;
using Megatorrent.Fuzz.Targets;

namespace Megatorrent.Fuzz;

/// <summary>What <c>fuzz/native/driver.c</c> calls.</summary>
internal static unsafe class Exports
{
    private static FuzzTarget? _target;

    /// <summary>Chooses the target, takes libFuzzer's hooks and gives the counters.</summary>
    /// <param name="name">The name of a target, UTF-8, ended by a zero.</param>
    /// <param name="hooks">Three functions: comparison of 4 bytes, of 8 bytes, of memory.</param>
    /// <param name="counters">Receives where the counters begin.</param>
    /// <param name="count">Receives how many there are.</param>
    /// <returns>0, or 1 if there is no such target.</returns>
    [UnmanagedCallersOnly(EntryPoint = "megatorrent_fuzz_start", CallConvs = [typeof(CallConvCdecl)])]
    public static int Start(byte* name, void** hooks, byte** counters, nuint* count)
    {
        _target = FuzzTargets.Find(Marshal.PtrToStringUTF8((nint)name) ?? "");
        if (_target is null)
            return 1;

        // What is made once in a process must not look like the doing of the first input.
        _target.Warm();
        Coverage.Compare4Hook = (delegate* unmanaged[Cdecl, SuppressGCTransition]<uint, uint, void>)hooks[0];
        Coverage.Compare8Hook = (delegate* unmanaged[Cdecl, SuppressGCTransition]<ulong, ulong, void>)hooks[1];
        Coverage.MemoryHook = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, void*, nuint, int, void>)hooks[2];
        *counters = Coverage.Counters;
        *count = (nuint)Coverage.EdgeCount();
        return 0;
    }

    /// <summary>Runs one input.</summary>
    /// <returns>0, or 1 after what went wrong was printed.</returns>
    [UnmanagedCallersOnly(EntryPoint = "megatorrent_fuzz_run", CallConvs = [typeof(CallConvCdecl)])]
    public static int Run(byte* data, nuint length)
    {
        try
        {
            _target!.Test(new ReadOnlySpan<byte>(data, (int)length));
            return 0;
        }
        catch (Exception exception)
        {
            // Not Console.Error: it would take over the signals that libFuzzer handles.
            using Stream error = Console.OpenStandardError();
            error.Write(Encoding.UTF8.GetBytes($"== {_target!.Name}: {exception}\n"));
            return 1;
        }
    }
}
