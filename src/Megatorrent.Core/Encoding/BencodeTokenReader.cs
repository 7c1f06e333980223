namespace Megatorrent.Core.Encoding;

/// <summary>
/// A document that was read to its end, as a list of tokens, and a place in it. It keeps no byte of the document: the tokens say where
/// in it things are. For readers that come back to a document in steps; who reads it in one go takes <see cref="BencodeReader"/>.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Canonical encoding gives every token one length, so that a token need not say where it begins. It is one word, or two for an integer
/// that has more than 61 bits:
/// <code>
/// 63                  33 32             3 2    0
/// |  words to its end   |    length      | kind |     list, dictionary
/// |              length or value         | kind |     byte string, key, integer
/// </code>
/// </remarks>
public sealed class BencodeTokenReader
{
    /// <summary>The longest document that is read, in bytes: what a word has room for.</summary>
    public const int DocumentLengthMax = (1 << LengthBits) - 1;

    private const int KindBits = 3;
    private const int LengthBits = 30;
    private const BencodeTokenKind WideInteger = 0; // the value is the next word

    private readonly List<ulong> _words = [];
    private int _next;
    private int _offset;
    private int _depth;

    /// <summary>Reads a document and stands before its first token.</summary>
    /// <param name="document">One whole document, at most <see cref="DocumentLengthMax"/> bytes; not kept.</param>
    /// <param name="maxDepth">Containers that may be open at once, 0 to <see cref="BencodeReader.DepthLimit"/>.</param>
    /// <exception cref="MegatorrentException">
    /// Malformed: it is not exactly one canonical value, or nested too deep. LimitExceeded: it is too long.
    /// </exception>
    public BencodeTokenReader(ReadOnlySpan<byte> document, int maxDepth = BencodeReader.DepthLimit)
    {
        if (document.Length > DocumentLengthMax)
        {
            throw new MegatorrentException(
                ErrorKind.LimitExceeded, $"A document of {document.Length} bytes is over the limit of {DocumentLengthMax}.");
        }

        var reader = new BencodeReader(document, maxDepth);
        Span<int> begins = stackalloc int[BencodeReader.DepthLimit]; // of each open container: the index of its word
        Span<int> starts = stackalloc int[BencodeReader.DepthLimit]; // and where it begins in the document
        AddValue(ref reader, begins, starts);
        while (reader.Depth > 0)
        {
            int container = reader.Depth - 1;
            bool isDictionary = Kind(_words[begins[container]]) == BencodeTokenKind.Dictionary;
            ReadOnlySpan<byte> key = default;
            if (isDictionary ? reader.TryReadKey(out key) : reader.TryReadItem())
            {
                if (isDictionary)
                    _words.Add(Word(BencodeTokenKind.Key, (ulong)key.Length));
                AddValue(ref reader, begins, starts);
            }
            else
            {
                ulong length = (ulong)(reader.Position - starts[container]);
                ulong count = (ulong)(_words.Count - begins[container]);
                _words[begins[container]] |= (length << KindBits) | (count << (KindBits + LengthBits));
                _words.Add(Word(BencodeTokenKind.End, 0));
            }
        }

        reader.ReadEndOfDocument();
    }

    /// <summary>Reads the next token; at the end <see cref="BencodeTokenKind.DocumentEnd"/>, however often.</summary>
    public BencodeToken Next()
    {
        if (_next == _words.Count)
            return new BencodeToken(BencodeTokenKind.DocumentEnd, 0, 0, _offset, 0);

        ulong word = _words[_next++];
        BencodeTokenKind kind = Kind(word);
        int start = _offset;
        switch (kind)
        {
            case WideInteger:
            case BencodeTokenKind.Integer:
                long value = kind == WideInteger ? (long)_words[_next++] : (long)word >> KindBits;
                int length = IntegerLength(value);
                _offset += length;
                return new BencodeToken(BencodeTokenKind.Integer, _depth, value, start, length);
            case BencodeTokenKind.Bytes:
            case BencodeTokenKind.Key:
                int contentLength = (int)(word >> KindBits);
                int content = start + Digits((ulong)contentLength) + 1;
                _offset = content + contentLength;
                return new BencodeToken(kind, _depth, 0, content, contentLength);
            case BencodeTokenKind.End:
                _offset++;
                return new BencodeToken(kind, --_depth, 0, start, 1);
            default:
                _offset++;
                return new BencodeToken(kind, _depth++, 0, start, ContainerLength(word));
        }
    }

    /// <summary>Skips the next value, containers whole; false, and nothing changes, if a key or an end is next.</summary>
    public bool TrySkipValue()
    {
        if (_next == _words.Count)
            return false;
        ulong word = _words[_next];
        switch (Kind(word))
        {
            case BencodeTokenKind.Key:
            case BencodeTokenKind.End:
                return false;
            case BencodeTokenKind.List:
            case BencodeTokenKind.Dictionary:
                _offset += ContainerLength(word);
                _next += (int)(word >> (KindBits + LengthBits)) + 1;
                return true;
            default:
                Next();
                return true;
        }
    }

    private void AddValue(ref BencodeReader reader, scoped Span<int> begins, scoped Span<int> starts)
    {
        switch (reader.PeekType())
        {
            case BencodeType.Integer:
                long value = reader.ReadInteger();
                if (value << KindBits >> KindBits == value)
                {
                    _words.Add(Word(BencodeTokenKind.Integer, (ulong)value));
                }
                else
                {
                    _words.Add(Word(WideInteger, 0));
                    _words.Add((ulong)value);
                }

                break;
            case BencodeType.Bytes:
                _words.Add(Word(BencodeTokenKind.Bytes, (ulong)reader.ReadBytes().Length));
                break;
            case BencodeType.List:
                Begin(reader, begins, starts, BencodeTokenKind.List);
                reader.BeginList();
                break;
            default:
                Begin(reader, begins, starts, BencodeTokenKind.Dictionary);
                reader.BeginDictionary();
                break;
        }
    }

    private void Begin(in BencodeReader reader, scoped Span<int> begins, scoped Span<int> starts, BencodeTokenKind kind)
    {
        // One container more than the reader allows has no place here, and is refused by it next.
        if (reader.Depth < begins.Length)
            (begins[reader.Depth], starts[reader.Depth]) = (_words.Count, reader.Position);
        _words.Add(Word(kind, 0));
    }

    private static ulong Word(BencodeTokenKind kind, ulong value) => (value << KindBits) | (ulong)kind;

    private static BencodeTokenKind Kind(ulong word) => (BencodeTokenKind)(word & ((1 << KindBits) - 1));

    private static int ContainerLength(ulong word) => (int)(word >> KindBits) & ((1 << LengthBits) - 1);

    /// <summary>Bytes of <c>i…e</c>.</summary>
    private static int IntegerLength(long value) => 2 + (value < 0 ? 1 + Digits(unchecked((ulong)-value)) : Digits((ulong)value));

    private static int Digits(ulong value)
    {
        int count = 1;
        for (; value >= 10; value /= 10)
            count++;
        return count;
    }
}
