namespace Megatorrent.Native.Exports;

/// <summary>
/// The checks that every export makes of what came from C.
/// <para>
/// No export may have a buffer on its own stack, be it a stackalloc or a struct with a fixed buffer: such a method checks at its end that a
/// guard value on its stack is still the one of the process. The first call of a process into the library starts the runtime, which is
/// when that value is chosen, and by then the export has laid down the value of before; the process would end. So an export with a
/// buffer has its body in a method of its own that is not inlined. The suite in C makes every function the first call of a process.
/// </para>
/// </summary>
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

    /// <summary>Looks at a length: no object in memory is longer than PTRDIFF_MAX.</summary>
    public static Status CheckLength(string name, nuint length) => length <= (nuint)nint.MaxValue ? Status.Ok : Length(name, length);

    /// <summary>Looks at an input of a given length: it may be NULL only if that is 0.</summary>
    public static Status CheckInput(string name, void* input, nuint length) => input is null && length != 0 ? Null(name) : Status.Ok;

    /// <summary>Whether two ranges of memory have a byte in common; an empty one has none.</summary>
    public static bool Overlap(void* first, nuint firstLength, void* second, nuint secondLength)
    {
        // No sum of address and length: what C passes may go past the end of the address space.
        nuint a = (nuint)first, b = (nuint)second;
        return firstLength != 0 && secondLength != 0 && (a <= b ? b - a < firstLength : a - b < secondLength);
    }

    /// <summary>Says what overlaps what.</summary>
    public static Status Overlap(string output, string other) => LastError.Set(Status.Overlap, $"{output} overlaps {other}.");

    /// <summary>Finds the first output that overlaps another or an input. Takes no memory for a handful of ranges.</summary>
    /// <returns>Ok or Overlap.</returns>
    public static Status Apart(ReadOnlySpan<MemoryRange> outputs, ReadOnlySpan<MemoryRange> inputs = default)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            foreach (MemoryRange other in outputs[(i + 1)..])
            {
                if (outputs[i].Overlaps(other))
                    return Overlap(outputs[i].Name, other.Name);
            }

            foreach (MemoryRange input in inputs)
            {
                if (outputs[i].Overlaps(input))
                    return Overlap(outputs[i].Name, input.Name);
            }
        }

        return Status.Ok;
    }

    /// <summary>Takes a handle out of use; NULL does nothing, and what is none sets the last error.</summary>
    public static void Destroy(string name, nuint handle, HandleKind kind)
    {
        if (handle != 0 && !HandleTable.Shared.TryRemove(handle, kind))
            Handle(name);
    }

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
