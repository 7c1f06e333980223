using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Megatorrent.Abi.Suite.Checks;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>What the makers of vectors share.</summary>
internal static class Cases
{
    public const string AboutPattern =
        "Long data is {\"pattern\": N, \"length\": n}: n bytes of the generator of erasure.json with the seed N (x = N; for each byte "
        + "x = (x * 1664525 + 1013904223) mod 2^32, and the byte is x >> 24). Other bytes are lower-case hex.";

    public const string AboutNumbers = "Numbers that may need 64 bits are decimal strings; the others are at most 2^32 - 1.";

    public const string AboutStatus = "status: what the call gives, with the names of native/include/megatorrent.h; why: what is wrong, for people.";

    public const string Malformed = "MT_ERROR_MALFORMED";
    public const string Integrity = "MT_ERROR_INTEGRITY";
    public const string Unsupported = "MT_ERROR_UNSUPPORTED";
    public const string InvalidArgument = "MT_ERROR_INVALID_ARGUMENT";
    public const string State = "MT_ERROR_STATE";
    public const string LimitExceeded = "MT_ERROR_LIMIT_EXCEEDED";
    public const string Unauthorized = "MT_ERROR_UNAUTHORIZED";
    public const string Incomplete = "MT_ERROR_INCOMPLETE";
    public const string ProtocolViolation = "MT_ERROR_PROTOCOL_VIOLATION";

    /// <summary>The text of "about", a paragraph an item.</summary>
    public static JsonArray About(params string[] paragraphs) => [.. paragraphs.Select(text => JsonValue.Create(text))];

    /// <summary>Lower-case hex.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes) => bytes.ToHex();

    /// <summary>Data that is too long for hex.</summary>
    public static JsonObject Pattern(uint seed, int length) => new() { ["pattern"] = seed, ["length"] = length };

    /// <summary>32 bytes that nothing else is: the SHA-256 of a name.</summary>
    public static byte[] Named(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name));

    /// <summary>A copy with one bit changed.</summary>
    public static byte[] Flip(ReadOnlySpan<byte> bytes, int index, int bit = 0)
    {
        byte[] copy = bytes.ToArray();
        copy[index] ^= (byte)(1 << bit);
        return copy;
    }

    /// <summary>A copy with other bytes from <paramref name="index"/> on.</summary>
    public static byte[] Put(ReadOnlySpan<byte> bytes, int index, params ReadOnlySpan<byte> other)
    {
        byte[] copy = bytes.ToArray();
        other.CopyTo(copy.AsSpan(index));
        return copy;
    }

    /// <summary>ASCII as bytes.</summary>
    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
