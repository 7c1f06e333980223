namespace Megatorrent.Core.Encoding;

/// <summary>One token of a document, by its place.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Depth">Containers that are open around it; a beginning and its end have the same.</param>
/// <param name="Integer">The value of an integer, else 0.</param>
/// <param name="Offset">Byte strings and keys: where their content begins in the document. Others: where the token begins.</param>
/// <param name="Length">
/// Bytes. Byte strings and keys: of their content. Others: of the token; of a list or dictionary from its beginning to behind its end.
/// </param>
public readonly record struct BencodeToken(BencodeTokenKind Kind, int Depth, long Integer, int Offset, int Length);
