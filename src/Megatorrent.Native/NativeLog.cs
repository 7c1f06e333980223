using System.Text;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native;

/// <summary>What the library has to say, for the caller's log. Nothing secret may be passed in. Thread-safe.</summary>
internal static unsafe class NativeLog
{
    /// <summary><c>MT_LOG_ERROR</c>: a defect of the library.</summary>
    public const int Error = 1;

    /// <summary><c>MT_LOG_WARNING</c>: it went well, but somebody should look.</summary>
    public const int Warning = 2;

    /// <summary><c>MT_LOG_INFO</c>: what happened, failures of calls among it.</summary>
    public const int Info = 3;

    /// <summary><c>MT_LOG_DEBUG</c>: every call.</summary>
    public const int DebugLevel = 4;

    private static readonly Lock Gate = new();
    private static delegate* unmanaged[Cdecl]<void*, int, byte*, void> _callback;
    private static void* _context;
    private static volatile int _levelMax;

    /// <summary>Sets the callback; waits for a call of the one before, unless this is made inside it.</summary>
    public static void Set(delegate* unmanaged[Cdecl]<void*, int, byte*, void> callback, void* context, int levelMax)
    {
        lock (Gate)
        {
            _callback = callback;
            _context = context;
            _levelMax = callback is null ? 0 : levelMax;
        }
    }

    /// <summary>Passes a warning on.</summary>
    public static void Warn(string message) => Write(Warning, message);

    /// <summary>Passes on what only somebody who looks for a fault wants to read; costs nothing where nobody does.</summary>
    public static void Debug(string name, string message)
    {
        if (_levelMax >= DebugLevel)
            Write(DebugLevel, $"{name}: {message}");
    }

    /// <summary>Passes one line on, if its level is wanted.</summary>
    public static void Write(int level, string message)
    {
        if (level > _levelMax)
            return;

        byte[] text = Encoding.UTF8.GetBytes(message.ReplaceLineEndings(" ") + "\0");
        lock (Gate)
        {
            // A callback whose own calls log is not called again inside itself: that would never end.
            if (level > _levelMax || CallbackScope.IsInsideLog)
                return;
            fixed (byte* start = text)
            {
                using (CallbackScope.Log())
                    _callback(_context, level, start);
            }
        }
    }
}
