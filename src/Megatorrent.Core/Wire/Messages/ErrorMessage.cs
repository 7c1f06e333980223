using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// Says why a request failed, or, with request number 0, why the session ends. Body: u16 error kind (the numbers of
/// <see cref="ErrorKind"/>), u16 text length, text in UTF-8.
/// </summary>
/// <param name="Kind">What to do about it.</param>
/// <param name="Text">
/// What is wrong, for a person. Cut at a character to <see cref="MessageLimits.MaxErrorTextLength"/> bytes when encoded.
/// </param>
public readonly record struct ErrorMessage(ErrorKind Kind, string Text)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = 4 + MessageLimits.MaxErrorTextLength;

    /// <summary>Writes the body and returns its length, at most <see cref="MaxEncodedLength"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)Kind);
        Span<byte> text = destination[4..];
        if (text.Length > MessageLimits.MaxErrorTextLength)
            text = text[..MessageLimits.MaxErrorTextLength];
        System.Text.Unicode.Utf8.FromUtf16(Text, text, out int read, out int written, replaceInvalidSequences: true);
        if (read < Text.Length && text.Length < MessageLimits.MaxErrorTextLength)
            throw new ArgumentException("The destination is too short for the text.", nameof(destination));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)written);
        return 4 + written;
    }

    /// <summary>
    /// Reads a body. A kind that this build does not know becomes <see cref="ErrorKind.Internal"/>; bytes that are not UTF-8 and control
    /// characters, which could garble a terminal, become U+FFFD.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a text length out of bounds, or belied by the body's.
    /// </exception>
    public static ErrorMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Error, body);
        int number = reader.UInt16();
        int length = reader.UInt16();
        if (length > MessageLimits.MaxErrorTextLength)
            throw reader.Malformed($"has a text of {length} bytes; the limit is {MessageLimits.MaxErrorTextLength}");
        string text = System.Text.Encoding.UTF8.GetString(reader.Take(length));
        reader.End();
        bool isKnown = number is >= (int)ErrorKind.Internal and <= (int)ErrorKind.ProtocolViolation;
        return new ErrorMessage(isKnown ? (ErrorKind)number : ErrorKind.Internal, Sanitize(text));
    }

    private static string Sanitize(string text) => !text.Any(char.IsControl)
        ? text
        : string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '\ufffd' : source[i];
        });
}
