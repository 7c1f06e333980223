using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster;

/// <summary>
/// The body of a `status` request: a canonical bencode dictionary of a name and, where the question has one, a body that only whoever
/// answers to that name understands. Layout: docs/spec/cluster.md, "Status". Immutable.
/// </summary>
/// <param name="Name">What is asked, at most 32 characters of ASCII; not necessarily something that this build knows.</param>
/// <param name="Body">The rest of the question; often empty.</param>
public readonly record struct NodeQuestion(string Name, ReadOnlyMemory<byte> Body)
{
    /// <summary>The longest body, in bytes: with its frame it fits an opaque message of the wire.</summary>
    public const int MaxBodyLength = (256 * 1024) - 128;

    private const int MaxNameLength = 32;

    /// <summary>The canonical encoding.</summary>
    /// <exception cref="ArgumentException">The name or the body is too long.</exception>
    public byte[] Encode()
    {
        if (Name.Length > MaxNameLength || Body.Length > MaxBodyLength)
            throw new ArgumentException($"The question '{Name}' with {Body.Length} bytes does not fit a message.");
        (string name, ReadOnlyMemory<byte> body) = this;
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            if (!body.IsEmpty)
            {
                writer.WriteKey("b");
                writer.WriteBytes(body.Span);
            }
            writer.WriteKey("q");
            writer.WriteText(name);
            writer.End();
        });
    }

    /// <summary>Reads a question.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static NodeQuestion Decode(ReadOnlySpan<byte> source)
    {
        string? name = null;
        byte[] body = [];
        var reader = new BencodeReader(source, subject: "status query");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("b"u8))
                body = reader.ReadBytes(MaxBodyLength).ToArray();
            else if (key.SequenceEqual("q"u8))
                name = System.Text.Encoding.ASCII.GetString(reader.ReadBytes(MaxNameLength));
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return new NodeQuestion(name ?? throw reader.Malformed("the question is missing"), body);
    }
}
