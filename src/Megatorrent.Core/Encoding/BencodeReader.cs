using System.Runtime.CompilerServices;

namespace Megatorrent.Core.Encoding;

/// <summary>
/// Reads canonical bencode (BEP 3, with every choice taken away: one value has one encoding) from a span, forward only, without
/// allocating and without recursion.
/// </summary>
/// <remarks>
/// Refused: leading zeros and <c>-0</c> in integers and lengths, integers outside Int64, lengths past the end, keys that are not in
/// strictly ascending byte order, containers nested deeper than the limit, bytes after the document. Each of these throws
/// <see cref="MegatorrentException"/> of kind <see cref="ErrorKind.Malformed"/> with the byte offset and the fault; the reader must
/// not be used after that. Calling the methods in an order that no document could ask for (a key outside a dictionary, a value where a
/// key stands) is a defect of the caller and throws <see cref="InvalidOperationException"/>. Spans that are handed out point into
/// the source. See docs/spec/bencode.md.
/// </remarks>
public ref struct BencodeReader
{
    /// <summary>The default nesting limit, in containers: deeper than any format of ours, too shallow for a bomb of brackets.</summary>
    public const int DefaultMaxDepth = 16;

    /// <summary>The highest nesting limit that can be asked for, in containers: the size of the reader's own stack.</summary>
    public const int DepthLimit = 32;

    private readonly ReadOnlySpan<byte> _source;
    private readonly string _subject;
    private readonly int _maxDepth;
    private Frames _frames;
    private int _depth;
    private bool _rootRead;

    /// <summary>Starts at the first byte of <paramref name="source"/>.</summary>
    /// <param name="source">One whole document; nothing may follow it (see <see cref="ReadEndOfDocument"/>).</param>
    /// <param name="maxDepth">Containers that may be open at once, 0 to <see cref="DepthLimit"/>; 0 admits an integer or string.</param>
    /// <param name="subject">What the document is, the first words of every error: "certificate".</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDepth"/> is outside 0 to <see cref="DepthLimit"/>.</exception>
    public BencodeReader(ReadOnlySpan<byte> source, int maxDepth = DefaultMaxDepth, string subject = "bencode")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDepth, DepthLimit);
        _source = source;
        _maxDepth = maxDepth;
        _subject = subject;
    }

    /// <summary>Offset in bytes of the next byte to be read.</summary>
    public int Position { get; private set; }

    /// <summary>Containers that are open.</summary>
    public readonly int Depth => _depth;

    /// <summary>The kind of the value that comes next, without reading it.</summary>
    /// <exception cref="MegatorrentException">Malformed: the document ends here, or no value starts with this byte.</exception>
    public readonly BencodeType PeekType()
    {
        if (Position >= _source.Length)
            throw Malformed("the document ends where a value should start");
        return _source[Position] switch
        {
            (byte)'i' => BencodeType.Integer,
            (byte)'l' => BencodeType.List,
            (byte)'d' => BencodeType.Dictionary,
            >= (byte)'0' and <= (byte)'9' => BencodeType.Bytes,
            byte other => throw Malformed($"no value starts with the byte 0x{other:x2}"),
        };
    }

    /// <summary>Reads an integer.</summary>
    /// <exception cref="MegatorrentException">Malformed: not an integer, not canonical, or outside Int64.</exception>
    public long ReadInteger()
    {
        StartValue(BencodeType.Integer);
        int start = Position;
        int at = start + 1;
        bool negative = at < _source.Length && _source[at] == (byte)'-';
        if (negative)
            at++;
        int digits = at;
        ulong limit = negative ? (ulong)long.MaxValue + 1 : long.MaxValue;
        ulong magnitude = 0;
        while (at < _source.Length && _source[at] is >= (byte)'0' and <= (byte)'9')
        {
            ulong digit = (ulong)(_source[at] - '0');
            if (magnitude > (limit - digit) / 10)
                throw MalformedAt(start, "the integer does not fit 64 bits");
            magnitude = magnitude * 10 + digit;
            at++;
        }
        if (at == digits)
            throw MalformedAt(start, "the integer has no digits");
        if (at >= _source.Length || _source[at] != (byte)'e')
            throw MalformedAt(at, "the integer does not end with 'e'");
        if (_source[digits] == (byte)'0' && (negative || at - digits > 1))
            throw MalformedAt(start, negative ? "the integer is a negative zero or has a leading zero" : "the integer has a leading zero");
        Position = at + 1;
        EndValue();
        return negative ? unchecked(-(long)magnitude) : (long)magnitude;
    }

    /// <summary>Reads an integer that must lie in a range.</summary>
    /// <param name="minimum">The least value accepted.</param>
    /// <param name="maximum">The greatest value accepted.</param>
    /// <exception cref="MegatorrentException">Malformed: as <see cref="ReadInteger()"/>, or out of the range.</exception>
    public long ReadInteger(long minimum, long maximum)
    {
        int start = Position;
        long value = ReadInteger();
        if (value < minimum || value > maximum)
            throw MalformedAt(start, $"the integer {value} is outside {minimum} to {maximum}");
        return value;
    }

    /// <summary>Reads a byte string; the span points into the source.</summary>
    /// <param name="maxLength">The longest string accepted, in bytes.</param>
    /// <exception cref="MegatorrentException">Malformed: not a string, or a length that is not canonical, too great, past the end.</exception>
    public ReadOnlySpan<byte> ReadBytes(int maxLength = int.MaxValue)
    {
        StartValue(BencodeType.Bytes);
        ReadOnlySpan<byte> value = ReadString(maxLength);
        EndValue();
        return value;
    }

    /// <summary>Reads a byte string that must be exactly <paramref name="length"/> bytes long; the span points into the source.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a string, or of another length.</exception>
    public ReadOnlySpan<byte> ReadBytesExact(int length)
    {
        int start = Position;
        ReadOnlySpan<byte> value = ReadBytes();
        if (value.Length != length)
            throw MalformedAt(start, $"the string is {value.Length} bytes long, not {length}");
        return value;
    }

    /// <summary>Opens a dictionary. Follow with <see cref="TryReadKey"/> until it returns false.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a dictionary, or nested too deep.</exception>
    public void BeginDictionary() => Open(BencodeType.Dictionary);

    /// <summary>
    /// Reads the next key of the open dictionary; its value must be read before the next call. False: the dictionary ended and its
    /// end was read.
    /// </summary>
    /// <param name="key">The key, pointing into the source; empty when the result is false.</param>
    /// <exception cref="MegatorrentException">Malformed: not a key, or one that does not come after the key before it.</exception>
    /// <exception cref="InvalidOperationException">No dictionary is open, or the value of the key before was not read.</exception>
    public bool TryReadKey(out ReadOnlySpan<byte> key)
    {
        if (_depth == 0 || !_frames[_depth - 1].IsDictionary)
            throw new InvalidOperationException("No dictionary is open.");
        ref Frame frame = ref _frames[_depth - 1];
        if (frame.ValueDue)
            throw new InvalidOperationException("The value of the last key was not read.");
        key = default;
        if (TryReadEnd())
            return false;

        if (Position >= _source.Length)
            throw Malformed("the document ends inside a dictionary");
        if (_source[Position] is < (byte)'0' or > (byte)'9')
            throw Malformed("a dictionary's key is not a byte string");
        int start = Position;
        key = ReadString(int.MaxValue);
        if (frame.HasKey)
        {
            int order = key.SequenceCompareTo(_source.Slice(frame.KeyStart, frame.KeyLength));
            if (order == 0)
                throw MalformedAt(start, $"the key {Show(key)} is there twice");
            if (order < 0)
                throw MalformedAt(start, $"the key {Show(key)} is out of order");
        }
        frame.KeyStart = Position - key.Length;
        frame.KeyLength = key.Length;
        frame.HasKey = true;
        frame.ValueDue = true;
        return true;
    }

    /// <summary>Opens a list. Follow with <see cref="TryReadItem"/> until it returns false.</summary>
    /// <exception cref="MegatorrentException">Malformed: not a list, or nested too deep.</exception>
    public void BeginList() => Open(BencodeType.List);

    /// <summary>
    /// True: a value follows in the open list and must be read before the next call. False: the list ended and its end was read.
    /// </summary>
    /// <exception cref="MegatorrentException">Malformed: the document ends inside the list.</exception>
    /// <exception cref="InvalidOperationException">No list is open, or the item before was not read.</exception>
    public bool TryReadItem()
    {
        if (_depth == 0 || _frames[_depth - 1].IsDictionary)
            throw new InvalidOperationException("No list is open.");
        ref Frame frame = ref _frames[_depth - 1];
        if (frame.ValueDue)
            throw new InvalidOperationException("The last item was not read.");
        if (TryReadEnd())
            return false;
        if (Position >= _source.Length)
            throw Malformed("the document ends inside a list");
        frame.ValueDue = true;
        return true;
    }

    /// <summary>Reads a value of any kind, checks it to its last byte and returns its encoding, pointing into the source.</summary>
    /// <exception cref="MegatorrentException">Malformed: the value is not canonical bencode or is nested too deep.</exception>
    public ReadOnlySpan<byte> ReadRawValue()
    {
        int start = Position;
        int floor = _depth;
        StepIntoValue();
        while (_depth > floor)
        {
            bool more = _frames[_depth - 1].IsDictionary ? TryReadKey(out _) : TryReadItem();
            if (more)
                StepIntoValue();
        }
        return _source[start..Position];
    }

    /// <summary>Reads a value of any kind and forgets it; it is checked like every other.</summary>
    /// <exception cref="MegatorrentException">Malformed: the value is not canonical bencode or is nested too deep.</exception>
    public void SkipValue() => ReadRawValue();

    /// <summary>Confirms that the document was read to its last byte.</summary>
    /// <exception cref="MegatorrentException">Malformed: bytes follow the document.</exception>
    /// <exception cref="InvalidOperationException">The document was not read to its end.</exception>
    public readonly void ReadEndOfDocument()
    {
        if (_depth != 0 || !_rootRead)
            throw new InvalidOperationException("The document was not read to its end.");
        if (Position != _source.Length)
            throw Malformed($"{_source.Length - Position} bytes follow the end of the document");
    }

    /// <summary>An error about the bytes at <see cref="Position"/>, in the words of the reader's own; the caller throws it.</summary>
    /// <param name="fault">What is wrong, in lower case, without a full stop.</param>
    public readonly MegatorrentException Malformed(string fault) => MalformedAt(Position, fault);

    /// <summary>The error for a key that the format does not have; the caller throws it.</summary>
    /// <param name="key">The key as <see cref="TryReadKey"/> gave it.</param>
    public readonly MegatorrentException UnknownKey(ReadOnlySpan<byte> key) =>
        MalformedAt(Math.Max(0, Position - key.Length), $"unknown key {Show(key)}");

    private readonly MegatorrentException MalformedAt(int offset, string fault) =>
        new(ErrorKind.Malformed, $"{_subject}: at byte {offset}, {fault}.");

    private void StepIntoValue()
    {
        switch (PeekType())
        {
            case BencodeType.Integer: ReadInteger(); break;
            case BencodeType.Bytes: ReadBytes(); break;
            case BencodeType.List: BeginList(); break;
            default: BeginDictionary(); break;
        }
    }

    private readonly void StartValue(BencodeType expected)
    {
        if (_depth == 0 ? _rootRead : !_frames[_depth - 1].ValueDue)
            throw new InvalidOperationException("No value is due here.");
        BencodeType found = PeekType();
        if (found != expected)
            throw Malformed($"{Describe(found)} stands where {Describe(expected)} should");
    }

    private void EndValue()
    {
        if (_depth == 0)
            _rootRead = true;
        else
            _frames[_depth - 1].ValueDue = false;
    }

    private void Open(BencodeType kind)
    {
        StartValue(kind);
        if (_depth >= _maxDepth)
            throw Malformed($"containers are nested more than {_maxDepth} deep");
        _frames[_depth++] = new Frame { IsDictionary = kind == BencodeType.Dictionary };
        Position++;
    }

    private bool TryReadEnd()
    {
        if (Position >= _source.Length || _source[Position] != (byte)'e')
            return false;
        Position++;
        _depth--;
        EndValue();
        return true;
    }

    private ReadOnlySpan<byte> ReadString(int maxLength)
    {
        int start = Position;
        int at = start;
        long length = 0;
        while (at < _source.Length && _source[at] is >= (byte)'0' and <= (byte)'9')
        {
            length = length * 10 + (_source[at] - '0');
            if (length > int.MaxValue)
                throw MalformedAt(start, "the string's length does not fit 31 bits");
            at++;
        }
        if (at >= _source.Length || _source[at] != (byte)':')
            throw MalformedAt(at, "the string's length does not end with ':'");
        if (_source[start] == (byte)'0' && at - start > 1)
            throw MalformedAt(start, "the string's length has a leading zero");
        at++;
        if (length > maxLength)
            throw MalformedAt(start, $"the string is {length} bytes long, the limit is {maxLength}");
        if (length > _source.Length - at)
            throw MalformedAt(start, $"the string claims {length} bytes, {_source.Length - at} are left");
        Position = at + (int)length;
        return _source.Slice(at, (int)length);
    }

    private static string Describe(BencodeType type) => type switch
    {
        BencodeType.Integer => "an integer",
        BencodeType.Bytes => "a byte string",
        BencodeType.List => "a list",
        _ => "a dictionary",
    };

    // Keys come from outside: shown as text only when they are short and printable, so that an error can go to a terminal.
    private static string Show(ReadOnlySpan<byte> key)
    {
        const int shownMax = 32;
        if (key.Length <= shownMax && !key.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
            return $"'{System.Text.Encoding.ASCII.GetString(key)}'";
        return key.Length <= shownMax ? $"0x{Convert.ToHexStringLower(key)}" : $"of {key.Length} bytes";
    }

    private struct Frame
    {
        public int KeyStart;
        public int KeyLength;
        public bool IsDictionary;
        public bool HasKey;
        public bool ValueDue;
    }

    [InlineArray(DepthLimit)]
    private struct Frames
    {
        private Frame _first;
    }
}
