using System.Text;

namespace Megatorrent.Native.Exports;

/// <summary>
/// Outputs of variable size: a pointer, a capacity in bytes, and where the length goes. With a capacity that is too small nothing but
/// the length is written.
/// </summary>
internal static unsafe class Output
{
    /// <summary>Looks for NULL: the pointer may be NULL if the capacity is 0, the place for the length never.</summary>
    /// <param name="name">The parameter of the pointer; the other's is the same with <c>_length</c>.</param>
    /// <param name="destination">Where the output goes.</param>
    /// <param name="capacity">Bytes there.</param>
    /// <param name="length">Where its length goes.</param>
    public static Status Check(string name, byte* destination, nuint capacity, nuint* length)
    {
        if (destination is null && capacity != 0)
            return Guard.Null(name);
        return length is null ? Guard.Null($"{name}_length") : Status.Ok;
    }

    /// <summary>Stores the length that is needed, and says so. For a text <paramref name="needed"/> is without the NUL.</summary>
    public static Status TooSmall(string name, nuint capacity, nuint* length, nuint needed, bool isText = false)
    {
        *length = needed;
        string needs = isText ? $"{needed + 1} are needed, NUL included" : $"{needed} are needed";
        return LastError.Set(Status.BufferTooSmall, $"{name} has room for {capacity} bytes; {needs}.");
    }

    /// <summary>Writes bytes and their length, or only the length if they do not fit. <see cref="Check"/> comes first.</summary>
    public static Status Bytes(string name, byte* destination, nuint capacity, nuint* length, ReadOnlySpan<byte> bytes)
    {
        if (capacity < (nuint)bytes.Length)
            return TooSmall(name, capacity, length, (nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>(destination, bytes.Length));
        *length = (nuint)bytes.Length;
        return Status.Ok;
    }

    /// <summary>
    /// Writes a text with a NUL, and its length without it, or only the length if they do not fit. <see cref="Check"/> comes first.
    /// </summary>
    public static Status Text(string name, byte* destination, nuint capacity, nuint* length, ReadOnlySpan<byte> utf8)
    {
        if (capacity <= (nuint)utf8.Length)
            return TooSmall(name, capacity, length, (nuint)utf8.Length, isText: true);
        utf8.CopyTo(new Span<byte>(destination, utf8.Length));
        destination[utf8.Length] = 0;
        *length = (nuint)utf8.Length;
        return Status.Ok;
    }

    /// <summary>The same for a text in UTF-16. It is encoded in place, so that a secret is not copied once more.</summary>
    public static Status Text(string name, byte* destination, nuint capacity, nuint* length, ReadOnlySpan<char> text)
    {
        int needed = Encoding.UTF8.GetByteCount(text);
        if (capacity <= (nuint)needed)
            return TooSmall(name, capacity, length, (nuint)needed, isText: true);
        Encoding.UTF8.GetBytes(text, new Span<byte>(destination, needed));
        destination[needed] = 0;
        *length = (nuint)needed;
        return Status.Ok;
    }
}
