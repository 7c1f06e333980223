using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>
/// The JSON of etcd's gateway: bytes are base64, 64-bit numbers are strings, and what is zero or empty is left out.
/// (etcd documentation, "gRPC gateway"; rpc.proto.)
/// </summary>
internal static class EtcdJson
{
    /// <summary>A request.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a key as base64.</summary>
    public static void WriteKey(Utf8JsonWriter writer, string name, string key) =>
        writer.WriteBase64String(name, Encoding.UTF8.GetBytes(key));

    /// <summary>Writes a 64-bit number as the gateway has them.</summary>
    public static void WriteLong(Utf8JsonWriter writer, string name, long value) =>
        writer.WriteString(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The first key after every key that begins with the prefix.</summary>
    public static string EndOfPrefix(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    /// <summary>An object's member; null when it is not there.</summary>
    public static JsonElement? Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    /// <summary>A 64-bit number, 0 when it is left out.</summary>
    /// <exception cref="MegatorrentException">ProtocolViolation.</exception>
    public static long GetLong(JsonElement element, string name)
    {
        long number = 0;
        return Get(element, name) switch
        {
            null => 0,
            { ValueKind: JsonValueKind.String } text
                when long.TryParse(text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) => number,
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out number) => number,
            _ => throw Violation($"'{name}' is no number"),
        };
    }

    /// <summary>A truth value, false when it is left out.</summary>
    public static bool GetBool(JsonElement element, string name) => Get(element, name)?.ValueKind == JsonValueKind.True;

    /// <summary>A text, empty when it is left out.</summary>
    public static string GetText(JsonElement element, string name) =>
        Get(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() ?? "" : "";

    /// <summary>Bytes, empty when they are left out.</summary>
    /// <exception cref="MegatorrentException">ProtocolViolation.</exception>
    public static byte[] GetBytes(JsonElement element, string name) => Get(element, name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text when text.TryGetBytesFromBase64(out byte[]? bytes) => bytes,
        _ => throw Violation($"'{name}' is not base64"),
    };

    /// <summary>The elements of an array, none when it is left out.</summary>
    public static IEnumerable<JsonElement> GetList(JsonElement element, string name) =>
        Get(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A key with its value.</summary>
    /// <exception cref="MegatorrentException">ProtocolViolation.</exception>
    public static EtcdEntry ReadEntry(JsonElement element, bool isDeleted = false) => new(
        Encoding.UTF8.GetString(GetBytes(element, "key")), GetBytes(element, "value"), GetLong(element, "mod_revision"),
        GetLong(element, "lease"), isDeleted);

    /// <summary>Reads a document.</summary>
    /// <exception cref="MegatorrentException">ProtocolViolation: it is not JSON, or a name or text in it is not Unicode.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            MustBeUnicode(text.Span);
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw Violation($"it is not JSON ({exception.Message})");
        }
        catch (InvalidOperationException exception)
        {
            throw Violation($"a text is not Unicode ({exception.Message})");
        }
    }

    // A document is parsed without a look at what its strings hold: bytes that are no UTF-8, or half a surrogate pair, would show only when
    // a string is read, or a name is compared.
    private static void MustBeUnicode(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && (reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan)))
                reader.GetString();
        }
    }

    private static MegatorrentException Violation(string fault) =>
        new(ErrorKind.ProtocolViolation, $"etcd's answer cannot be understood: {fault}.");
}
