using System.Buffers;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Bencode: one value has one encoding, and both readers see the same tokens in it.</summary>
[Covers(typeof(BencodeReader))]
[Covers(typeof(BencodeTokenReader))]
internal sealed class BencodeTarget() : FuzzTarget("bencode")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        var reader = new BencodeReader(input, BencodeReader.DepthLimit);
        reader.SkipValue();
        reader.ReadEndOfDocument();

        var copy = new ArrayBufferWriter<byte>(input.Length + 1);
        var writer = new BencodeWriter(copy);
        var tokens = new BencodeTokenReader(input);
        for (BencodeToken token = tokens.Next(); token.Kind != BencodeTokenKind.DocumentEnd; token = tokens.Next())
            Write(writer, token, input);
        FuzzFailure.Unless(writer.IsComplete, "the tokens are not a whole document");
        FuzzFailure.UnlessSame(input, copy.WrittenSpan, "written again");
    }

    private static void Write(BencodeWriter writer, BencodeToken token, ReadOnlySpan<byte> input)
    {
        switch (token.Kind)
        {
            case BencodeTokenKind.Integer: writer.WriteInteger(token.Integer); break;
            case BencodeTokenKind.Bytes: writer.WriteBytes(input.Slice(token.Offset, token.Length)); break;
            case BencodeTokenKind.Key: writer.WriteKey(input.Slice(token.Offset, token.Length)); break;
            case BencodeTokenKind.List: writer.BeginList(); break;
            case BencodeTokenKind.Dictionary: writer.BeginDictionary(); break;
            default: writer.End(); break;
        }
    }
}
