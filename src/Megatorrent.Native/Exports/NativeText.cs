using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Megatorrent.Native.Exports;

/// <summary>Texts that come in: UTF-8 that ends with NUL.</summary>
internal static unsafe class NativeText
{
    /// <summary>The longest text that is read, in bytes without the NUL: <c>MT_TEXT_LENGTH_MAX</c>.</summary>
    public const int LengthMax = 65535;

    /// <summary>Reads a text in place, which spares secrets a copy. At most <see cref="LengthMax"/> + 1 bytes are looked at.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="text">Where it begins.</param>
    /// <param name="utf8">The caller's bytes without the NUL, valid UTF-8; empty after a failure.</param>
    /// <returns>Ok; NullPointer; InvalidArgument: too long, or not UTF-8, with the position of the first wrong byte.</returns>
    public static Status Read(string name, byte* text, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (text is null)
            return Guard.Null(name);

        // Byte by byte: a search in a span may look beyond the NUL, where the caller's memory may end.
        int length = 0;
        while (text[length] != 0)
        {
            if (++length > LengthMax)
                return LastError.Set(Status.InvalidArgument, $"{name} is longer than {LengthMax} bytes.");
        }

        ReadOnlySpan<byte> bytes = new(text, length);
        if (!Utf8.IsValid(bytes))
            return LastError.Set(Status.InvalidArgument, $"{name} is not valid UTF-8 at byte {FirstInvalid(bytes)}.");
        utf8 = bytes;
        return Status.Ok;
    }

    /// <summary>Reads a text; see the other overload.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="text">Where it begins.</param>
    /// <param name="value">The text; empty after a failure.</param>
    public static Status Read(string name, byte* text, out string value)
    {
        Status status = Read(name, text, out ReadOnlySpan<byte> utf8);
        value = Encoding.UTF8.GetString(utf8);
        return status;
    }

    /// <summary>Offset of the first byte of the first sequence that is not UTF-8, in bytes that are not.</summary>
    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; ;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) != OperationStatus.Done)
                return at;
            at += length;
        }
    }
}
