namespace Megatorrent.Core;

/// <summary>
/// The one exception that the houses throw for what a caller could not foresee. <see cref="Kind"/> says what to do;
/// the message says what is wrong and, where there is a way out, what to do about it.
/// </summary>
public sealed class MegatorrentException : Exception
{
    /// <summary>Creates the exception with its kind and a message meant for the person at the terminal.</summary>
    public MegatorrentException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>The kind of failure.</summary>
    public ErrorKind Kind { get; }
}
