namespace Megatorrent.Core.Encoding;

/// <summary>What a token of a document is. The numbers stand in the C interface, so they are frozen and never reused.</summary>
public enum BencodeTokenKind : byte
{
    /// <summary>An integer.</summary>
    Integer = 1,

    /// <summary>A byte string.</summary>
    Bytes = 2,

    /// <summary>A list begins.</summary>
    List = 3,

    /// <summary>A dictionary begins; keys and values follow in turn.</summary>
    Dictionary = 4,

    /// <summary>The key of the value that follows.</summary>
    Key = 5,

    /// <summary>The innermost list or dictionary ends.</summary>
    End = 6,

    /// <summary>Nothing follows.</summary>
    DocumentEnd = 7,
}
