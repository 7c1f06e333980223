using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary>The log: part 14 of <c>megatorrent.h</c>, which documents the function.</summary>
internal static unsafe class LogExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_log_set")]
    private static Status Set(delegate* unmanaged[Cdecl]<void*, int, byte*, void> log, void* context, int levelMax)
    {
        try
        {
            if (levelMax is < NativeLog.Error or > NativeLog.DebugLevel)
                return LastError.Set(Status.InvalidArgument, $"level_max is {levelMax}; MT_LOG_ERROR (1) to MT_LOG_DEBUG (4) are possible.");
            NativeLog.Set(log, context, levelMax);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }
}
