using System.Globalization;
using System.Text.Json.Nodes;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>
/// Writes bencode and notes the tokens beside it: a second, much simpler writer than the one that is tested, and one that checks nothing.
/// </summary>
internal sealed class BencodeDocument
{
    private readonly List<byte> _bytes = [];
    private readonly List<(JsonObject Token, int Start)> _open = [];

    /// <summary>The document.</summary>
    public byte[] Bytes => [.. _bytes];

    /// <summary>Its tokens, as mt_bencode_token_t has them.</summary>
    public JsonArray Tokens { get; } = [];

    /// <summary>Appends an integer.</summary>
    public BencodeDocument Integer(long value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        Note(1, _bytes.Count, text.Length + 2, text);
        _bytes.AddRange(Ascii($"i{text}e"));
        return this;
    }

    /// <summary>Appends a byte string.</summary>
    public BencodeDocument String(byte[] content) => Text(2, content);

    /// <summary>Appends a byte string.</summary>
    public BencodeDocument String(string content) => Text(2, Ascii(content));

    /// <summary>Appends a key.</summary>
    public BencodeDocument Key(byte[] content) => Text(5, content);

    /// <summary>Appends a key.</summary>
    public BencodeDocument Key(string content) => Text(5, Ascii(content));

    /// <summary>Begins a list.</summary>
    public BencodeDocument List() => Open(3, 'l');

    /// <summary>Begins a dictionary.</summary>
    public BencodeDocument Dictionary() => Open(4, 'd');

    /// <summary>Ends the innermost list or dictionary.</summary>
    public BencodeDocument End()
    {
        (JsonObject token, int start) = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        Note(6, _bytes.Count, 1, "0");
        _bytes.Add((byte)'e');
        token["length"] = _bytes.Count - start;
        return this;
    }

    private BencodeDocument Open(int type, char first)
    {
        JsonObject token = Note(type, _bytes.Count, 0, "0");
        _open.Add((token, _bytes.Count));
        _bytes.Add((byte)first);
        return this;
    }

    private BencodeDocument Text(int type, byte[] content)
    {
        _bytes.AddRange(Ascii(content.Length.ToString(CultureInfo.InvariantCulture) + ":"));
        Note(type, _bytes.Count, content.Length, "0");
        _bytes.AddRange(content);
        return this;
    }

    private JsonObject Note(int type, int offset, int length, string integer)
    {
        var token = new JsonObject
        {
            ["type"] = type,
            ["depth"] = _open.Count,
            ["integer"] = integer,
            ["offset"] = offset,
            ["length"] = length,
        };
        Tokens.Add(token);
        return token;
    }
}
