using System.Runtime.CompilerServices;

namespace Megatorrent.Native.Exports;

/// <summary>
/// Structs of callers that were compiled with another version of the header. Versions differ only in what stands at the end:
/// <code>
///                   struct_size  member  member  member
/// older caller      |--------------------|                what we have beyond it is neither read nor written
/// this library      |----------------------------|
/// newer caller      |------------------------------------|  what it has beyond ours must be 0 (in), or becomes 0 (out)
/// </code>
/// </summary>
internal static unsafe class NativeStruct
{
    /// <summary>The largest <c>struct_size</c> that is believed, in bytes: no struct will be as large as a page.</summary>
    public const uint SizeMax = 4096;

    /// <summary>
    /// Reads an options struct, or another that comes in. <paramref name="value"/> has 0 in every member that the caller does not know;
    /// its <c>struct_size</c> is the caller's.
    /// </summary>
    /// <param name="name">The parameter.</param>
    /// <param name="source">Where it lies, at any address; where the header allows NULL the caller looks first.</param>
    /// <param name="value">What was read; zeros after a failure.</param>
    /// <returns>Ok; NullPointer; StructSize; Unsupported: a member that is not known here is not 0.</returns>
    public static Status Read<T>(string name, T* source, out T value)
        where T : unmanaged, INativeStruct
    {
        value = default;
        Status status = Check(name, source, out uint size);
        if (status != Status.Ok)
            return status;
        if (size > sizeof(T) && new ReadOnlySpan<byte>((byte*)source + sizeof(T), (int)size - sizeof(T)).ContainsAnyExcept((byte)0))
            return LastError.Set(Status.Unsupported, $"{name} sets a member of {T.Name} that this version of the library does not have.");

        value = Unsafe.ReadUnaligned<T>(source);
        return Status.Ok;
    }

    /// <summary>Looks at a struct that is to be filled in.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="destination">Where it lies; no alignment is needed.</param>
    /// <param name="size">Its <c>struct_size</c>, for <see cref="Write"/>; 0 after a failure.</param>
    /// <returns>Ok, NullPointer, or StructSize.</returns>
    public static Status Check<T>(string name, T* destination, out uint size)
        where T : unmanaged, INativeStruct
    {
        size = 0;
        if (destination is null)
            return Guard.Null(name);
        uint found = Unsafe.ReadUnaligned<uint>(destination);
        if (found < sizeof(T)) // of every struct there is one version so far
            return LastError.Set(Status.StructSize, $"{name}->struct_size is {found}; {T.Name} has at least {sizeof(T)} bytes.");
        if (found > SizeMax)
            return LastError.Set(Status.StructSize, $"{name}->struct_size is {found}; that cannot be {T.Name}.");
        size = found;
        return Status.Ok;
    }

    /// <summary>
    /// Fills a struct in: <paramref name="size"/> bytes, the members that are not known here with 0. Its <c>struct_size</c> stays.
    /// </summary>
    /// <param name="destination">Where it lies; no alignment is needed.</param>
    /// <param name="size">From <see cref="Check"/>.</param>
    /// <param name="value">The members; <c>StructSize</c> does not matter.</param>
    public static void Write<T>(T* destination, uint size, T value)
        where T : unmanaged, INativeStruct
    {
        *(uint*)&value = size;
        Unsafe.WriteUnaligned(destination, value);
        new Span<byte>((byte*)destination + sizeof(T), (int)size - sizeof(T)).Clear();
    }
}
