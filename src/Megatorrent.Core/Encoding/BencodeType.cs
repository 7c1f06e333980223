namespace Megatorrent.Core.Encoding;

/// <summary>The four kinds of bencode value.</summary>
public enum BencodeType : byte
{
    /// <summary>A signed 64-bit integer, <c>i42e</c>.</summary>
    Integer = 1,

    /// <summary>A byte string, <c>4:spam</c>.</summary>
    Bytes = 2,

    /// <summary>A list, <c>l…e</c>.</summary>
    List = 3,

    /// <summary>A dictionary with keys in ascending byte order, <c>d…e</c>.</summary>
    Dictionary = 4,
}
