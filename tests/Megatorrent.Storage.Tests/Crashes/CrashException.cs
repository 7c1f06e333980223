namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A crash has cost what it must not.</summary>
internal sealed class CrashException(string message, Exception? cause = null) : Exception(message, cause)
{
    public static void Unless(bool holds, string message)
    {
        if (!holds)
            throw new CrashException(message);
    }
}
