using System.Text;

namespace Megatorrent.Native;

/// <summary>The detail of each thread's last failed call.</summary>
internal static class LastError
{
    /// <summary>Longest text that is kept, in bytes of UTF-8.</summary>
    private const int LengthMax = 4096;

    [ThreadStatic]
    private static byte[]? _text;

    /// <summary>The text of this thread in UTF-8; empty if nothing has failed on it yet.</summary>
    public static ReadOnlySpan<byte> Text => _text;

    /// <summary>Keeps <paramref name="detail"/> for this thread and passes <paramref name="status"/> on.</summary>
    public static Status Set(Status status, string detail)
    {
        byte[] text = Encoding.UTF8.GetBytes(detail);
        _text = text.Length <= LengthMax ? text : text[..WholeCharacters(text, LengthMax)];
        return status;
    }

    /// <summary>Keeps what <paramref name="exception"/> says, and gives its status.</summary>
    public static Status Set(Exception exception)
    {
        Status status = StatusText.From(exception);
        try
        {
            // A defect names its type and place, since nobody but us can act on it; an expected failure speaks for itself.
            return Set(status, status == Status.Internal ? exception.ToString() : exception.Message);
        }
        catch (OutOfMemoryException)
        {
            _text = null;
            return Status.OutOfMemory;
        }
    }

    /// <summary>Copies the text and a NUL, cut between characters to fit.</summary>
    /// <returns>Length of the whole text without NUL.</returns>
    public static int Copy(Span<byte> destination)
    {
        ReadOnlySpan<byte> text = Text;
        if (destination.Length > 0)
        {
            int length = WholeCharacters(text, destination.Length - 1);
            text[..length].CopyTo(destination);
            destination[length] = 0;
        }

        return text.Length;
    }

    /// <summary>The longest prefix of at most <paramref name="length"/> bytes that does not end inside a character.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> text, int length)
    {
        if (length >= text.Length)
            return text.Length;
        while (length > 0 && (text[length] & 0xC0) == 0x80) // a continuation byte belongs to what is before it
            length--;
        return length;
    }
}
