using System.Buffers;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Canonical bencode.</summary>
internal static class BencodeBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("bencode.read", vectors => vectors.ForEach("bencode.json", "good", Read)),
        Behaviour.Of("bencode.bad", vectors => vectors.ForEach("bencode.json", "bad", Bad)),
        Behaviour.Of("bencode.write", vectors => vectors.ForEach("bencode.json", "good", Write)),
        Behaviour.Of("bencode.write-bad", vectors => vectors.ForEach("bencode.json", "misuse", Misuse)),
        Behaviour.Of("bencode.skip", Skip),
    ];

    private static void Read(JsonElement item)
    {
        var reader = new BencodeTokenReader(item.Hex("document"));
        int index = 0;
        foreach (JsonElement expected in item.Items("tokens"))
            Check.Equal(Token(expected), reader.Next(), $"token {index++}");
        Check.Equal(BencodeTokenKind.DocumentEnd, reader.Next().Kind, "what comes after the last token");
        Check.Equal(BencodeTokenKind.DocumentEnd, reader.Next().Kind, "what comes after the end");
    }

    private static void Bad(JsonElement item)
    {
        byte[] document = item.Hex("document");
        Check.Gives(item.Text("status"), () => _ = new BencodeTokenReader(document), "reading");
        Check.Gives(
            item.Text("status"),
            () =>
            {
                var reader = new BencodeReader(document, BencodeReader.DepthLimit);
                reader.SkipValue();
                reader.ReadEndOfDocument();
            },
            "reading forward");
    }

    private static void Write(JsonElement item)
    {
        byte[] document = item.Hex("document");
        Check.Bytes(
            document,
            BencodeWriter.Encode(writer =>
            {
                foreach (BencodeToken token in item.Items("tokens").Select(Token))
                    Write(writer, token, document.AsSpan(token.Offset, token.Length));
            }),
            "the document");
    }

    private static void Misuse(JsonElement item)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output);
        JsonElement[] steps = [.. item.Items("steps")];
        var open = new Stack<bool>();
        bool valueDue = true;
        foreach (JsonElement step in steps[..^1])
        {
            Apply(writer, step);
            Follow(step.Text("call"), open, ref valueDue);
        }

        int length = output.WrittenCount;
        Check.Gives(item.Text("status"), () => Apply(writer, steps[^1]), "the last step");
        Check.Equal(length, output.WrittenCount, "what was written after it");

        if (open.Count == 0 && valueDue)
            writer.WriteInteger(0);
        while (open.Count > 0)
        {
            if (open.Pop() && valueDue)
                writer.WriteInteger(0);
            valueDue = false;
            writer.End();
        }

        Check.That(writer.IsComplete, "the document cannot be completed");
        var reader = new BencodeReader(output.WrittenSpan, BencodeReader.DepthLimit);
        reader.SkipValue();
        reader.ReadEndOfDocument();
    }

    // Notes which containers are open (true: a dictionary), and whether the root or a key waits for its value.
    private static void Follow(string call, Stack<bool> open, ref bool valueDue)
    {
        switch (call)
        {
            case "list" or "dictionary":
                open.Push(call == "dictionary");
                valueDue = false;
                break;
            case "end":
                open.Pop();
                valueDue = false;
                break;
            default:
                valueDue = call == "key";
                break;
        }
    }

    private static void Apply(BencodeWriter writer, JsonElement step)
    {
        switch (step.Text("call"))
        {
            case "integer": writer.WriteInteger(step.Int64("value")); break;
            case "bytes": writer.WriteBytes(step.Hex("data")); break;
            case "key": writer.WriteKey(step.Hex("data").AsSpan()); break;
            case "list": writer.BeginList(); break;
            case "dictionary": writer.BeginDictionary(); break;
            case "end": writer.End(); break;
            case "finish" when !writer.IsComplete: throw new InvalidOperationException("The document is not finished.");
            case "finish": break;
            default: throw new BehaviourException($"a call {step.Text("call")} is not known");
        }
    }

    private static void Write(BencodeWriter writer, BencodeToken token, ReadOnlySpan<byte> content)
    {
        switch (token.Kind)
        {
            case BencodeTokenKind.Integer: writer.WriteInteger(token.Integer); break;
            case BencodeTokenKind.Bytes: writer.WriteBytes(content); break;
            case BencodeTokenKind.Key: writer.WriteKey(content); break;
            case BencodeTokenKind.List: writer.BeginList(); break;
            case BencodeTokenKind.Dictionary: writer.BeginDictionary(); break;
            default: writer.End(); break;
        }
    }

    private static void Skip(VectorFolder vectors)
    {
        vectors.ForEach("bencode.json", "good", item =>
        {
            var reader = new BencodeTokenReader(item.Hex("document"));
            Check.That(reader.TrySkipValue(), "the value cannot be skipped");
            Check.Equal(BencodeTokenKind.DocumentEnd, reader.Next().Kind, "what comes after it");
        });

        byte[] document = vectors.Read("bencode.json").Items("good").Single(item => item.Name() == "dictionary of everything").Hex("document");
        var keys = new BencodeTokenReader(document);
        List<string> seen = [];
        keys.Next();
        Check.That(!keys.TrySkipValue(), "a key is skipped as if it were a value");
        for (BencodeToken key = keys.Next(); key.Kind == BencodeTokenKind.Key; key = keys.Next())
        {
            seen.Add(System.Text.Encoding.ASCII.GetString(document.AsSpan(key.Offset, key.Length)));
            Check.That(keys.TrySkipValue(), $"the value of {seen[^1]} cannot be skipped");
        }

        Check.Equal("bytes dict empty int list", string.Join(' ', seen), "the keys");
        Check.Equal(BencodeTokenKind.DocumentEnd, keys.Next().Kind, "what comes after the dictionary");
    }

    private static BencodeToken Token(JsonElement item) => new(
        (BencodeTokenKind)item.Int32("type"), item.Int32("depth"), item.Int64("integer"), item.Int32("offset"), item.Int32("length"));
}
