using System.Buffers;
using System.Buffers.Text;

namespace Megatorrent.Core.Encoding;

/// <summary>
/// Writes canonical bencode to a buffer. What it accepts, <see cref="BencodeReader"/> reads back; misuse (a key out of order, a value
/// where a key is due, an end without a beginning, a second document) throws <see cref="InvalidOperationException"/> and writes nothing; so
/// does <see cref="MegatorrentException"/> of kind LimitExceeded for what would be nested or grow beyond a limit. Not thread-safe. See
/// docs/spec/bencode.md.
/// </summary>
public sealed class BencodeWriter
{
    private const int IntegerLengthMax = 22; // i-9223372036854775808e
    private const int LengthPrefixMax = 11;  // 2147483647:

    private readonly IBufferWriter<byte> _output;
    private readonly long _lengthMax;
    private readonly Frame[] _frames = new Frame[BencodeReader.DepthLimit];
    private int _depth;
    private bool _rootWritten;
    private long _length;

    /// <summary>Writes one document to <paramref name="output"/>.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="lengthMax">
    /// Bytes that the document may have; more is LimitExceeded. The ends of open containers are counted in, so that they can always be
    /// written.
    /// </param>
    public BencodeWriter(IBufferWriter<byte> output, long lengthMax = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _lengthMax = lengthMax;
    }

    /// <summary>Containers that are open.</summary>
    public int Depth => _depth;

    /// <summary>Whether one whole value has been written and no container is open.</summary>
    public bool IsComplete => _rootWritten && _depth == 0;

    /// <summary>Encodes one document into a new array.</summary>
    /// <param name="write">Writes exactly one value.</param>
    /// <exception cref="InvalidOperationException"><paramref name="write"/> misused the writer or left the document unfinished.</exception>
    public static byte[] Encode(Action<BencodeWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        write(writer);
        if (!writer.IsComplete)
            throw new InvalidOperationException("The document is not finished.");
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes an integer.</summary>
    /// <exception cref="InvalidOperationException">No value is due here.</exception>
    public void WriteInteger(long value)
    {
        StartValue();
        Span<byte> encoded = stackalloc byte[IntegerLengthMax];
        encoded[0] = (byte)'i';
        Utf8Formatter.TryFormat(value, encoded[1..], out int written);
        encoded[written + 1] = (byte)'e';
        Reserve(written + 2);
        _output.Write(encoded[..(written + 2)]);
        EndValue();
    }

    /// <summary>Writes a byte string.</summary>
    /// <exception cref="InvalidOperationException">No value is due here.</exception>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        StartValue();
        WriteString(value);
        EndValue();
    }

    /// <summary>Writes text as the byte string of its UTF-8.</summary>
    /// <exception cref="InvalidOperationException">No value is due here.</exception>
    public void WriteText(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        WriteBytes(System.Text.Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Writes a value that is encoded already; it is checked first.</summary>
    /// <param name="encoded">Exactly one canonical value.</param>
    /// <exception cref="InvalidOperationException">No value is due here, or the value would be nested too deep.</exception>
    /// <exception cref="MegatorrentException">Malformed: <paramref name="encoded"/> is not one canonical value.</exception>
    public void WriteRawValue(ReadOnlySpan<byte> encoded)
    {
        StartValue();
        var reader = new BencodeReader(encoded, BencodeReader.DepthLimit - _depth);
        reader.SkipValue();
        reader.ReadEndOfDocument();
        Reserve(encoded.Length);
        _output.Write(encoded);
        EndValue();
    }

    /// <summary>Opens a dictionary; close it with <see cref="End"/>.</summary>
    /// <exception cref="InvalidOperationException">No value is due here.</exception>
    /// <exception cref="MegatorrentException">LimitExceeded: the nesting limit is reached, or that of the length.</exception>
    public void BeginDictionary() => Open(isDictionary: true);

    /// <summary>Opens a list; close it with <see cref="End"/>.</summary>
    /// <exception cref="InvalidOperationException">No value is due here.</exception>
    /// <exception cref="MegatorrentException">LimitExceeded: the nesting limit is reached, or that of the length.</exception>
    public void BeginList() => Open(isDictionary: false);

    /// <summary>Writes a dictionary's key; its value must follow.</summary>
    /// <param name="key">The key; written as UTF-8.</param>
    /// <exception cref="InvalidOperationException">No key is due here, or the key does not come after the key before it.</exception>
    public void WriteKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        const int stackMax = 64;
        int bound = System.Text.Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = bound <= stackMax ? stackalloc byte[stackMax] : new byte[bound];
        WriteKey(bytes[..System.Text.Encoding.UTF8.GetBytes(key, bytes)]);
    }

    /// <summary>Writes a dictionary's key; its value must follow.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <exception cref="InvalidOperationException">No key is due here, or the key does not come after the key before it.</exception>
    public void WriteKey(ReadOnlySpan<byte> key)
    {
        if (_depth == 0 || !_frames[_depth - 1].IsDictionary)
            throw new InvalidOperationException("No dictionary is open.");
        ref Frame frame = ref _frames[_depth - 1];
        if (frame.ValueDue)
            throw new InvalidOperationException("The value of the last key is due, not a key.");
        if (frame.HasKey && key.SequenceCompareTo(frame.Key.AsSpan(0, frame.KeyLength)) <= 0)
            throw new InvalidOperationException("Keys must be written in strictly ascending byte order.");
        WriteString(key);
        if (frame.Key is null || frame.Key.Length < key.Length)
            frame.Key = new byte[Math.Max(32, key.Length)];
        key.CopyTo(frame.Key);
        frame.KeyLength = key.Length;
        frame.HasKey = true;
        frame.ValueDue = true;
    }

    /// <summary>Closes the innermost open dictionary or list.</summary>
    /// <exception cref="InvalidOperationException">Nothing is open, or the value of the last key is due.</exception>
    public void End()
    {
        if (_depth == 0)
            throw new InvalidOperationException("Nothing is open.");
        if (_frames[_depth - 1].IsDictionary && _frames[_depth - 1].ValueDue)
            throw new InvalidOperationException("The value of the last key is due, not an end.");
        _depth--;
        Reserve(1); // cannot fail: it was counted in while the container was open
        WriteByte((byte)'e');
        EndValue();
    }

    private void Open(bool isDictionary)
    {
        StartValue();
        if (_depth == _frames.Length)
            throw new MegatorrentException(ErrorKind.LimitExceeded, $"Containers may not be nested more than {_frames.Length} deep.");
        Reserve(2); // its beginning, and its end in time
        _length--;
        WriteByte(isDictionary ? (byte)'d' : (byte)'l');
        ref Frame frame = ref _frames[_depth++];
        frame.IsDictionary = isDictionary;
        frame.HasKey = false;
        frame.ValueDue = false;
    }

    private void StartValue()
    {
        if (_depth == 0 ? _rootWritten : _frames[_depth - 1].IsDictionary && !_frames[_depth - 1].ValueDue)
            throw new InvalidOperationException(_depth == 0 ? "The document is complete already." : "A key is due, not a value.");
    }

    private void EndValue()
    {
        if (_depth == 0)
            _rootWritten = true;
        else
            _frames[_depth - 1].ValueDue = false;
    }

    private void WriteString(ReadOnlySpan<byte> value)
    {
        Span<byte> prefix = stackalloc byte[LengthPrefixMax];
        Utf8Formatter.TryFormat(value.Length, prefix, out int written);
        prefix[written] = (byte)':';
        Reserve(written + 1 + (long)value.Length);
        _output.Write(prefix[..(written + 1)]);
        _output.Write(value);
    }

    /// <summary>Counts bytes that are about to be written, if they fit beside the ends of what is open.</summary>
    private void Reserve(long count)
    {
        if (count > _lengthMax - _length - _depth)
            throw new MegatorrentException(ErrorKind.LimitExceeded, $"The document would be longer than {_lengthMax} bytes.");
        _length += count;
    }

    private void WriteByte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    private struct Frame
    {
        public byte[]? Key;
        public int KeyLength;
        public bool IsDictionary;
        public bool HasKey;
        public bool ValueDue;
    }
}
