using System.Buffers;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Native.Exports;

/// <summary>What a handle of a bencode writer stands for; whoever uses it holds its lock.</summary>
internal sealed class BencodeDocument
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Begins an empty document.</summary>
    public BencodeDocument() => Writer = new BencodeWriter(_bytes, BencodeReaderExports.LengthMax);

    /// <summary>Writes it.</summary>
    public BencodeWriter Writer { get; }

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;
}
