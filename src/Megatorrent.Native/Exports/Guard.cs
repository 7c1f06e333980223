namespace Megatorrent.Native.Exports;

/// <summary>The checks that every export makes of what came from C.</summary>
internal static unsafe class Guard
{
    /// <summary>Says which argument is NULL.</summary>
    public static Status Null(string name) => LastError.Set(Status.NullPointer, $"{name} is NULL.");

    /// <summary>Says which element of which array is NULL.</summary>
    public static Status NullElement(string name, nuint index) => LastError.Set(Status.NullPointer, $"{name}[{index}] is NULL.");

    /// <summary>Says that a handle is none.</summary>
    public static Status Handle(string name) =>
        LastError.Set(Status.InvalidHandle, $"{name} is not a live handle of its kind: it was destroyed, or did not come from this library.");

    /// <summary>Says that no object can be so long.</summary>
    public static Status Length(string name, nuint length) =>
        LastError.Set(Status.Length, $"{name} is {length}; no object in memory is longer than {nint.MaxValue} bytes.");

    /// <summary>Finds the first NULL among <paramref name="count"/> pointers.</summary>
    /// <returns>Its index, or -1.</returns>
    public static int FirstNull(byte** pointers, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (pointers[i] is null)
                return i;
        }

        return -1;
    }
}
