using System.Globalization;
using System.Text.Json.Nodes;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes bencode.json.</summary>
internal static class BencodeVectors
{
    private const int DepthMax = 32;

    /// <summary>The file.</summary>
    public static JsonObject Make() => new()
    {
        ["about"] = About(
            "Canonical bencode, docs/spec/bencode.md. good: document and its tokens as mt_bencode_token_t has them: type 1 integer, 2 bytes, 3 list, "
            + "4 dictionary, 5 key, 6 end; integer is a decimal string, \"0\" for other types. After the last token comes MT_BENCODE_DOCUMENT_END.",
            "bad: making a reader of document gives status. misuse: steps of a writer, in order; all but the last succeed, the last gives status. "
            + "call: integer (value: a decimal string), bytes or key (data: hex), list, dictionary, end, finish. value and data are there in every step, "
            + "\"0\" and \"\" where they do not count.",
            "Made by tests/abi/csharp (make-vectors), with a writer of its own; the good documents were read with a decoder in Python too.",
            AboutStatus),
        ["good"] = new JsonArray(
            Good("zero", document => document.Integer(0)),
            Good("one", document => document.Integer(1)),
            Good("a negative integer", document => document.Integer(-42)),
            Good("the greatest integer", document => document.Integer(long.MaxValue)),
            Good("the least integer", document => document.Integer(long.MinValue)),
            Good("2^32", document => document.Integer(1L << 32)),
            Good("2^53 + 1", document => document.Integer((1L << 53) + 1)),
            Good("an empty string", document => document.String("")),
            Good("a string", document => document.String("spam")),
            Good("a string of ten bytes", document => document.String("0123456789")),
            Good("a string of bytes that are no text", document => document.String([0, 0xFF, 0xFE, 0x80, (byte)'e'])),
            Good("a string of 300 bytes", document => document.String(Checks.Pattern.Of(21, 300))),
            Good("an empty list", document => document.List().End()),
            Good("an empty dictionary", document => document.Dictionary().End()),
            Good("a list of one of each", document =>
                document.List().Integer(-1).String("two").List().End().Dictionary().End().End()),
            Good("a dictionary with one integer", document => document.Dictionary().Key("a").Integer(-7).End()),
            Good("an empty key", document => document.Dictionary().Key("").Integer(0).End()),
            Good("keys that are prefixes", document =>
                document.Dictionary().Key("").Integer(0).Key("a").Integer(1).Key("aa").Integer(2).Key("ab").Integer(3).Key("b").Integer(4).End()),
            Good("keys in the order of unsigned bytes", document =>
                document.Dictionary().Key([0x00]).Integer(0).Key([0x7F]).Integer(1).Key([0x80]).Integer(2).Key([0xFF]).Integer(3)
                    .Key([0xFF, 0x00]).Integer(4).End()),
            Good("dictionary of everything", document =>
                document.Dictionary()
                    .Key("bytes").String([1, 2, 3])
                    .Key("dict").Dictionary().Key("deep").List().List().String("x").End().End().Key("e").String("e").End()
                    .Key("empty").List().End()
                    .Key("int").Integer(1234567890123456789)
                    .Key("list").List().Integer(1).Dictionary().Key("k").Integer(2).End().Integer(3).End()
                    .End()),
            Good("the same key at two depths", document =>
                document.Dictionary().Key("a").Dictionary().Key("a").Dictionary().Key("a").Integer(1).End().End().Key("b").Integer(2).End()),
            Good("32 lists, one in the other", document => Nest(document, DepthMax, dictionaries: false)),
            Good("32 dictionaries, one in the other", document => Nest(document, DepthMax, dictionaries: true))),
        ["bad"] = Bad(),
        ["misuse"] = Misuse(),
    };

    private static JsonObject Good(string name, Func<BencodeDocument, BencodeDocument> write)
    {
        BencodeDocument document = write(new BencodeDocument());
        return new JsonObject { ["name"] = name, ["document"] = Hex(document.Bytes), ["tokens"] = document.Tokens };
    }

    private static BencodeDocument Nest(BencodeDocument document, int depth, bool dictionaries)
    {
        for (int i = 0; i < depth; i++)
        {
            if (i > 0 && dictionaries)
                document.Key("k");
            document = dictionaries ? document.Dictionary() : document.List();
        }

        for (int i = 0; i < depth; i++)
            document.End();
        return document;
    }

    private static JsonArray Bad()
    {
        var cases = new JsonArray();
        void Add(string name, string document, string why) =>
            cases.Add(new JsonObject { ["name"] = name, ["document"] = Hex(Ascii(document)), ["status"] = Malformed, ["why"] = why });

        Add("no bytes", "", "a document is one value");
        Add("a letter that begins nothing", "x", "values begin with i, l, d or a digit");
        Add("white space first", " i1e", "nothing stands before the value");
        Add("an end alone", "e", "nothing is open");
        Add("two values", "i1ei2e", "a document is one value");
        Add("a byte behind", "i1e\n", "nothing stands behind the value");
        Add("a zero byte behind a dictionary", "de\0", "nothing stands behind the value");

        Add("integer: no digits", "ie", "an integer has digits");
        Add("integer: a sign alone", "i-e", "an integer has digits");
        Add("integer: no end", "i42", "cut");
        Add("integer: nothing but i", "i", "cut");
        Add("integer: leading zero", "i03e", "an integer has one spelling");
        Add("integer: two zeros", "i00e", "an integer has one spelling");
        Add("integer: negative zero", "i-0e", "an integer has one spelling");
        Add("integer: negative with leading zero", "i-01e", "an integer has one spelling");
        Add("integer: a plus sign", "i+1e", "an integer has one spelling");
        Add("integer: two signs", "i--1e", "an integer has one spelling");
        Add("integer: a space", "i 1e", "an integer has one spelling");
        Add("integer: a point", "i1.0e", "integers only");
        Add("integer: hex", "i0x1e", "decimal only");
        Add("integer: 2^63", "i9223372036854775808e", "more than 64 bits");
        Add("integer: -2^63 - 1", "i-9223372036854775809e", "more than 64 bits");
        Add("integer: 2^64", "i18446744073709551616e", "more than 64 bits, and 0 if they are cut");
        Add("integer: 40 digits", "i" + new string('9', 40) + "e", "more than 64 bits");

        Add("string: no colon", "4spam", "the length ends with a colon");
        Add("string: length alone", "4", "cut");
        Add("string: length and colon", "4:", "cut");
        Add("string: one byte missing", "4:spa", "cut");
        Add("string: leading zero", "04:spam", "a length has one spelling");
        Add("string: empty with two zeros", "00:", "a length has one spelling");
        Add("string: negative length", "-1:a", "a length has no sign");
        Add("string: a plus sign", "+4:spam", "a length has no sign");
        Add("string: length 2^31 - 1", "2147483647:a", "longer than the document");
        Add("string: length 2^31", "2147483648:a", "no string is so long");
        Add("string: length 2^32", "4294967296:", "no string is so long, and empty if it is cut");
        Add("string: length 2^64 + 1", "18446744073709551617:a", "no string is so long, and right if it is cut");
        Add("string: length of 40 digits", new string('9', 40) + ":", "no string is so long");

        Add("list: no end", "l", "cut");
        Add("list: no end after an item", "li1e", "cut");
        Add("list: a bad item", "lxe", "no value begins so");
        Add("list: an end too many", "lee", "a document is one value");

        Add("dictionary: no end", "d", "cut");
        Add("dictionary: no end after a key", "d1:a", "cut");
        Add("dictionary: a key without a value", "d1:ae", "every key has a value");
        Add("dictionary: an integer for a key", "di1ei2ee", "keys are byte strings");
        Add("dictionary: a list for a key", "dlei1ee", "keys are byte strings");
        Add("dictionary: keys out of order", "d1:bi1e1:ai2ee", "keys ascend");
        Add("dictionary: a key twice", "d1:ai1e1:ai2ee", "keys ascend strictly");
        Add("dictionary: the empty key twice", "d0:i1e0:i2ee", "keys ascend strictly");
        Add("dictionary: a prefix after its longer key", "d2:aai1e1:ai2ee", "a prefix comes first");
        Add("dictionary: shorter keys first", "d1:bi1e2:aai2ee", "the order is that of the bytes, not of the lengths");
        Add("dictionary: a key whose length has a leading zero", "d01:ai1ee", "a length has one spelling");
        Add("dictionary: disorder deep inside", "d1:ald1:bi1e1:ai1eeee", "keys ascend everywhere");
        cases.Add(new JsonObject
        {
            ["name"] = "dictionary: keys in the order of signed bytes",
            ["document"] = Hex([.. Ascii("d1:"), 0x80, .. Ascii("i1e1:"), 0x7F, .. Ascii("i2ee")]),
            ["status"] = Malformed,
            ["why"] = "bytes are unsigned",
        });

        Add("33 lists, one in the other", new string('l', DepthMax + 1) + new string('e', DepthMax + 1), "32 is the most");
        Add("33 containers, lists and dictionaries in turn", string.Concat(Enumerable.Repeat("ld1:k", 16)) + "le" + string.Concat(Enumerable.Repeat("ee", 16)),
            "32 is the most");
        Add("2000 lists that do not end", new string('l', 2000), "32 is the most");
        return cases;
    }

    private static JsonArray Misuse()
    {
        var cases = new JsonArray();
        void Add(string name, string status, string why, params string[] steps) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["steps"] = new JsonArray([.. steps.Select(Step)]),
            ["status"] = status,
            ["why"] = why,
        });

        Add("finish before anything", State, "no value was written", "finish");
        Add("end before anything", State, "nothing is open", "end");
        Add("key before anything", State, "no dictionary is open", "key a");
        Add("a second value", State, "a document is one value", "integer 1", "integer 2");
        Add("a second value after a list", State, "a document is one value", "list", "end", "list");
        Add("an end too many", State, "nothing is open", "list", "end", "end");
        Add("finish in an open list", State, "the list is not ended", "list", "finish");
        Add("finish in an open dictionary", State, "the dictionary is not ended", "dictionary", "key a", "integer 1", "finish");
        Add("finish after a key", State, "the value is due", "dictionary", "key a", "finish");
        Add("a key in a list", State, "lists have no keys", "list", "key a");
        Add("a value where a key is due", State, "a key is due", "dictionary", "integer 5");
        Add("bytes where a key is due", State, "a key is due", "dictionary", "bytes a");
        Add("a list where a key is due", State, "a key is due", "dictionary", "list");
        Add("two keys", State, "the value is due", "dictionary", "key a", "key b");
        Add("an end where a value is due", State, "the value is due", "dictionary", "key a", "end");
        Add("a key twice", State, "keys ascend strictly", "dictionary", "key a", "integer 1", "key a");
        Add("a key before the last", State, "keys ascend", "dictionary", "key b", "integer 1", "key a");
        Add("a prefix after its longer key", State, "a prefix comes first", "dictionary", "key aa", "integer 1", "key a");
        Add("the order begins anew in a value, and goes on after it", State, "b is not after b",
            "dictionary", "key b", "dictionary", "key a", "integer 1", "end", "key b");
        Add("33 lists, one in the other", LimitExceeded, "32 is the most", [.. Enumerable.Repeat("list", DepthMax + 1)]);
        return cases;
    }

    private static JsonNode Step(string text)
    {
        string[] parts = text.Split(' ');
        return new JsonObject
        {
            ["call"] = parts[0],
            ["value"] = parts[0] == "integer" ? long.Parse(parts[1], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) : "0",
            ["data"] = parts[0] is "bytes" or "key" ? Hex(Ascii(parts[1])) : "",
        };
    }
}
