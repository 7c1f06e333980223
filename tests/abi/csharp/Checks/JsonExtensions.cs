using System.Globalization;
using System.Text.Json;

namespace Megatorrent.Abi.Suite.Checks;

/// <summary>Reads the members of a vector file in the few forms that they have.</summary>
internal static class JsonExtensions
{
    /// <summary>The elements of an array member.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string member) => element.GetProperty(member).EnumerateArray();

    /// <summary>A text.</summary>
    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    /// <summary>The name of a case.</summary>
    public static string Name(this JsonElement element) => element.Text("name");

    /// <summary>A number of at most 32 bits without sign.</summary>
    public static uint UInt32(this JsonElement element, string member) => element.GetProperty(member).GetUInt32();

    /// <summary>A number that an int holds.</summary>
    public static int Int32(this JsonElement element, string member) => element.GetProperty(member).GetInt32();

    /// <summary>A truth value.</summary>
    public static bool Flag(this JsonElement element, string member) => element.GetProperty(member).GetBoolean();

    /// <summary>A number of 64 bits, written as a decimal text.</summary>
    public static long Int64(this JsonElement element, string member) => long.Parse(element.Text(member), CultureInfo.InvariantCulture);

    /// <summary>A number of 64 bits without sign, written as a decimal text.</summary>
    public static ulong UInt64(this JsonElement element, string member) => ulong.Parse(element.Text(member), CultureInfo.InvariantCulture);

    /// <summary>Bytes, written as hex.</summary>
    public static byte[] Hex(this JsonElement element, string member) => Convert.FromHexString(element.Text(member));

    /// <summary>Bytes, written as hex or as pattern and length.</summary>
    public static byte[] Data(this JsonElement element, string member)
    {
        JsonElement value = element.GetProperty(member);
        return value.ValueKind == JsonValueKind.String
            ? Convert.FromHexString(value.GetString()!)
            : Pattern.Of(value.UInt32("pattern"), value.Int32("length"));
    }

    /// <summary>Bytes as the vector files write them.</summary>
    public static string ToHex(this ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
